/* frontend.h - settings of a front end: how samples become what a sound model was trained on. */
#ifndef EDGED_SETTINGS_FRONTEND_H
#define EDGED_SETTINGS_FRONTEND_H
#include <stdbool.h>
#include <stdint.h>

#include "config/schema.h"

enum frontend_kind {
	FRONTEND_NONE,		/* the samples themselves, -1..1 (YAMNet's graph holds its own) */
	FRONTEND_MEL,		/* float mel spectrum, cepstrum: stages in the order of this struct */
	FRONTEND_MICRO,		/* TensorFlow's integer micro front end, with state across windows */
};
enum frontend_scale { SCALE_NONE, SCALE_PEAK };		/* PEAK: x / max(x), 0 where max(x) <= 0 */
enum frontend_window { WINDOW_HANN, WINDOW_HANN_SYMMETRIC, WINDOW_HAMMING, WINDOW_HAMMING_SYMMETRIC };
enum frontend_spectrum { SPECTRUM_MAGNITUDE, SPECTRUM_POWER };
enum mel_formula { MEL_HTK, MEL_SLANEY };		/* HTK: 1127 ln(1 + f/700) */
/* Sides straight in mel or in Hz; USUAL: in mel for HTK (TensorFlow), in Hz for Slaney (librosa). */
enum mel_triangle { TRIANGLE_USUAL, TRIANGLE_MEL, TRIANGLE_HZ };
enum mel_norm { MEL_NORM_NONE, MEL_NORM_SLANEY };	/* SLANEY: triangles of equal area */
enum frontend_level { LEVEL_NONE, LEVEL_MEAN };		/* MEAN: mel / (mean of the window + 1e-12) */
enum log_base { LOG_NONE, LOG_E, LOG_DECIBEL };		/* DECIBEL: 10 log10 */
enum frontend_state { STATE_FRESH, STATE_STREAM };	/* noise estimate anew each window, or kept */
enum frontend_layout { LAYOUT_TIME_FIRST, LAYOUT_MEL_FIRST };

/* What stands in a card's `front_end`. Samples are -1..1 at rate_hz, one channel. */
struct frontend_settings {
	enum frontend_kind kind;
	double rate_hz;
	int64_t length_ns;		/* a window of this much sound is one input of the model */
	int64_t hop_ns;			/* from window to window where the configuration says none */

	enum frontend_scale input_scale;
	double preemphasis;		/* y[n] = x[n] - preemphasis * x[n-1]; 0: none */
	int64_t frame, step, fft;	/* samples */
	bool centred;			/* frame k is centred on sample k*step, zeros outside */
	enum frontend_window window;
	enum frontend_spectrum spectrum;
	double scale;			/* factor on each value of the spectrum */
	struct {
		int64_t bands;
		double low_hz, high_hz;
		enum mel_formula formula;
		enum mel_triangle triangle;
		enum mel_norm norm;
	} mel;
	enum frontend_level level;
	struct {
		enum log_base base;
		double add;		/* log(x + add) */
		double floor;		/* log(max(x, floor)); 0: none */
	} log;
	int64_t cepstra;		/* orthogonal-ish DCT-II as tf.signal.mfccs; 0: none */
	double shift, factor;		/* (x + shift) * factor */
	struct schema_range clip;

	int64_t first, count;		/* keep frames first .. first+count-1 of a window; 0: all */
	int64_t join;			/* AD: so many neighbouring frames make one model input; 0: all */
	enum frontend_layout layout;

	/* MICRO only; of those above it reads length_ns, hop_ns, frame, step, mel, shift, factor
	 * and count. STREAM needs windows that begin hop_ns apart, a whole number of steps. */
	enum frontend_state state;
};
#endif
