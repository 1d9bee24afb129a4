/* presets.c - front ends of published models, as their cards give them. */
#include "tests/signal/presets.h"

#include <stddef.h>

const struct frontend_settings preset_kws = {
	.kind = FRONTEND_MEL,
	.rate_hz = 16000,
	.length_ns = 1000000000,
	.input_scale = SCALE_PEAK,
	.frame = 480,
	.step = 320,
	.fft = 512,
	.window = WINDOW_HANN,
	.spectrum = SPECTRUM_MAGNITUDE,
	.scale = 1,
	.mel = { .bands = 40, .low_hz = 20, .high_hz = 4000 },
	.log = { .base = LOG_E, .add = 1e-6 },
	.cepstra = 10,
	.factor = 1,
};

const struct frontend_settings preset_wake = {
	.kind = FRONTEND_MEL,
	.rate_hz = 16000,
	.length_ns = 992000000,
	.preemphasis = 1 - 1.0 / 32,
	.frame = 1024,
	.step = 512,
	.fft = 1024,
	.window = WINDOW_HAMMING_SYMMETRIC,
	.spectrum = SPECTRUM_POWER,
	.scale = 1.0 / 1024,
	.mel = { .bands = 40, .low_hz = 0, .high_hz = 8000 },
	.log = { .base = LOG_DECIBEL, .floor = 1e-30 },
	.shift = 52,
	.factor = 1.0 / 64,
	.clip = { true, 0, 1 },
};

const struct frontend_settings preset_anomaly = {
	.kind = FRONTEND_MEL,
	.rate_hz = 16000,
	.length_ns = 10000000000,
	.frame = 1024,
	.step = 512,
	.fft = 1024,
	.centred = true,
	.window = WINDOW_HANN,
	.spectrum = SPECTRUM_POWER,
	.scale = 1,
	.mel = { .bands = 128,
		 .low_hz = 0,
		 .high_hz = 8000,
		 .formula = MEL_SLANEY,
		 .norm = MEL_NORM_SLANEY },
	.log = { .base = LOG_DECIBEL, .add = 2.220446049250313e-16 },
	.factor = 1,
	.first = 50,
	.count = 200,
	.join = 5,
};

const struct frontend_settings preset_yamnet = {
	.kind = FRONTEND_MEL,
	.rate_hz = 16000,
	.length_ns = 975000000,
	.frame = 400,
	.step = 160,
	.fft = 512,
	.window = WINDOW_HANN,
	.spectrum = SPECTRUM_MAGNITUDE,
	.scale = 1,
	.mel = { .bands = 64, .low_hz = 125, .high_hz = 7500 },
	.log = { .base = LOG_E, .add = 1e-3 },
	.factor = 1,
	.count = 96,
};

const struct frontend_settings preset_yamnet_st = {
	.kind = FRONTEND_MEL,
	.rate_hz = 16000,
	.length_ns = 975000000,
	.frame = 400,
	.step = 160,
	.fft = 512,
	.window = WINDOW_HANN,
	.spectrum = SPECTRUM_MAGNITUDE,
	.scale = 1,
	.mel = { .bands = 64, .low_hz = 125, .high_hz = 7500 },
	.log = { .base = LOG_E, .add = 1e-4 },
	.factor = 1,
	.count = 96,
	.layout = LAYOUT_MEL_FIRST,
};

const struct frontend_settings preset_keywords = {
	.kind = FRONTEND_MEL,
	.rate_hz = 16000,
	.length_ns = 1000000000,
	.frame = 480,
	.step = 320,
	.fft = 512,
	.window = WINDOW_HANN,
	.spectrum = SPECTRUM_POWER,
	.scale = 1,
	.mel = { .bands = 40, .low_hz = 20, .high_hz = 7600 },
	.level = LEVEL_MEAN,
	.log = { .base = LOG_E, .add = 1e-3 },
	.shift = 6.9077554,
	.factor = 0.2,
	.clip = { true, 0, 2.5 },
};

const struct frontend_settings preset_micro = {
	.kind = FRONTEND_MICRO,
	.rate_hz = 16000,
	.length_ns = 30000000,
	.frame = 480,
	.step = 160,
	.mel = { .bands = 40, .low_hz = 125, .high_hz = 7500 },
	.factor = 1,
	.state = STATE_STREAM,
};

const struct preset presets[] = {
	{ "kws", &preset_kws },
	{ "wake", &preset_wake },
	{ "anomaly", &preset_anomaly },
	{ "yamnet", &preset_yamnet },
	{ "yamnet_st", &preset_yamnet_st },
	{ "keywords", &preset_keywords },
	{ "micro", &preset_micro },
	{ NULL, NULL },
};
