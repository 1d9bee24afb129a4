/* frontend.c - table of a card's front end. */
#include "settings/frontend.h"

#include <stddef.h>

#include "settings/card.h"

#define FIELD(name) offsetof(struct frontend_settings, name)

static const char *const kinds[] = { "none", "mel", "micro", NULL };
static const char *const scales[] = { "none", "peak", NULL };
static const char *const windows[] = { "hann", "hann-symmetric", "hamming", "hamming-symmetric", NULL };
static const char *const spectra[] = { "magnitude", "power", NULL };
static const char *const formulas[] = { "htk", "slaney", NULL };
static const char *const triangles[] = { "usual", "mel", "hz", NULL };
static const char *const norms[] = { "none", "slaney", NULL };
static const char *const levels[] = { "none", "mean", NULL };
static const char *const bases[] = { "none", "e", "decibel", NULL };
static const char *const states[] = { "fresh", "stream", NULL };
static const char *const layouts[] = { "time-first", "mel-first", NULL };

#define MEL(name) offsetof(struct frontend_settings, mel.name) - offsetof(struct frontend_settings, mel)
static const struct schema_key mel_keys[] = {
	{ .key = "bands", .type = T_INT, .at = MEL(bands), .min = 1, .max = 512, .fallback = "40",
	  .help = "Number of triangles." },
	{ .key = "low", .type = T_RATE, .at = MEL(low_hz), .max = 96000, .fallback = "20 Hz",
	  .help = "Lower edge of the first." },
	{ .key = "high", .type = T_RATE, .at = MEL(high_hz), .max = 96000, .fallback = "7600 Hz",
	  .help = "Upper edge of the last." },
	{ .key = "formula", .type = T_ENUM, .at = MEL(formula), .values = formulas, .fallback = "htk",
	  .help = "From frequency to mel." },
	{ .key = "triangle", .type = T_ENUM, .at = MEL(triangle), .values = triangles, .fallback = "usual",
	  .help = "Sides straight in mel (usual with htk) or in Hz (usual with slaney)." },
	{ .key = "norm", .type = T_ENUM, .at = MEL(norm), .values = norms, .fallback = "none",
	  .help = "Weight of the triangles: equal height, or equal area." },
	{ 0 },
};
static const struct schema mel_schema = { .name = "mel", .keys = mel_keys };

#define LOG(name) offsetof(struct frontend_settings, log.name) - offsetof(struct frontend_settings, log)
static const struct schema_key log_keys[] = {
	{ .key = "base", .type = T_ENUM, .at = LOG(base), .values = bases, .fallback = "e",
	  .help = "Natural logarithm, 10 log10, or none." },
	{ .key = "add", .type = T_NUMBER, .at = LOG(add), .max = 1e6, .fallback = "0",
	  .help = "What is added before the logarithm." },
	{ .key = "floor", .type = T_NUMBER, .at = LOG(floor), .max = 1e6, .fallback = "0",
	  .help = "The least value of which a logarithm is taken." },
	{ 0 },
};
static const struct schema log_schema = { .name = "log", .keys = log_keys };

static const struct schema_key keys[] = {
	{ .key = "kind", .type = T_ENUM, .at = FIELD(kind), .values = kinds, .required = true,
	  .help = "Samples as they are, mel spectrum, or TensorFlow's integer micro front end." },
	{ .key = "rate", .type = T_RATE, .at = FIELD(rate_hz), .min = 1000, .max = 192000,
	  .fallback = "16 kHz", .help = "Rate of the samples." },
	{ .key = "length", .type = T_DURATION, .at = FIELD(length_ns), .required = true, .min = 1e6,
	  .max = 60e9, .help = "Length of the sound that one judgement is about." },
	{ .key = "hop", .type = T_DURATION, .at = FIELD(hop_ns), .min = 1e6, .max = 60e9,
	  .help = "From window to window; the length if left out." },
	{ .key = "normalize", .type = T_ENUM, .at = FIELD(input_scale), .values = scales,
	  .fallback = "none", .help = "Divide the window by its largest sample." },
	{ .key = "preemphasis", .type = T_NUMBER, .at = FIELD(preemphasis), .max = 1, .fallback = "0",
	  .help = "y[n] = x[n] - preemphasis x[n-1]." },
	{ .key = "frame", .type = T_INT, .at = FIELD(frame), .min = 16, .max = 32768, .fallback = "480",
	  .help = "Samples of a frame." },
	{ .key = "step", .type = T_INT, .at = FIELD(step), .min = 1, .max = 32768, .fallback = "320",
	  .help = "Samples from frame to frame." },
	{ .key = "fft", .type = T_INT, .at = FIELD(fft), .min = 16, .max = 32768, .fallback = "512",
	  .help = "Length of the transform, a power of two." },
	{ .key = "centred", .type = T_BOOL, .at = FIELD(centred), .fallback = "false",
	  .help = "Frame k is centred on sample k * step." },
	{ .key = "window", .type = T_ENUM, .at = FIELD(window), .values = windows, .fallback = "hann",
	  .help = "Weight of the samples of a frame." },
	{ .key = "spectrum", .type = T_ENUM, .at = FIELD(spectrum), .values = spectra,
	  .fallback = "power", .help = "Magnitude or its square." },
	{ .key = "scale", .type = T_NUMBER, .at = FIELD(scale), .max = 1e12, .fallback = "1",
	  .help = "Factor on the spectrum." },
	{ .key = "mel", .type = T_TABLE, .at = FIELD(mel), .schema = &mel_schema,
	  .help = "The mel filter bank." },
	{ .key = "level", .type = T_ENUM, .at = FIELD(level), .values = levels, .fallback = "none",
	  .help = "Divide by the mean of the window, so that loudness does not count." },
	{ .key = "log", .type = T_TABLE, .at = FIELD(log), .schema = &log_schema,
	  .help = "The logarithm." },
	{ .key = "cepstra", .type = T_INT, .at = FIELD(cepstra), .max = 512, .fallback = "0",
	  .help = "Coefficients kept of a cosine transform; 0 for none." },
	{ .key = "shift", .type = T_NUMBER, .at = FIELD(shift), .fallback = "0",
	  .help = "(x + shift) * factor." },
	{ .key = "factor", .type = T_NUMBER, .at = FIELD(factor), .fallback = "1",
	  .help = "(x + shift) * factor." },
	{ .key = "clip", .type = T_RANGE, .at = FIELD(clip), .help = "Least and greatest value." },
	{ .key = "first", .type = T_INT, .at = FIELD(first), .max = 100000, .fallback = "0",
	  .help = "First frame of the window that is used." },
	{ .key = "count", .type = T_INT, .at = FIELD(count), .max = 100000, .fallback = "0",
	  .help = "How many frames are used; 0 for all." },
	{ .key = "join", .type = T_INT, .at = FIELD(join), .max = 100000, .fallback = "0",
	  .help = "So many neighbouring frames are one input of the model; 0 for all of the window." },
	{ .key = "layout", .type = T_ENUM, .at = FIELD(layout), .values = layouts,
	  .fallback = "time-first", .help = "Order of the two dimensions." },
	{ .key = "state", .type = T_ENUM, .at = FIELD(state), .values = states, .fallback = "fresh",
	  .help = "Of micro: estimate the noise anew in each window, or on and on in the stream." },
	{ 0 },
};

const struct schema frontend_schema = {
	.name = "front_end", .size = sizeof(struct frontend_settings), .keys = keys,
	.help = "How samples become what a sound model was trained on.",
};
