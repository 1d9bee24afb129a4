/* hashes.c - prints a hash of what each part of src/signal makes of generated sounds. The text is
 * the same on every machine, compiler and optimization: tests/signal/hashes.expected. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signal/fft.h"
#include "signal/frontend.h"
#include "signal/mix.h"
#include "signal/resample.h"
#include "signal/window.h"
#include "tests/signal/presets.h"
#include "tests/signal/support.h"

enum { SAMPLES = 170000 };

/* FNV-1a, 64 bits, over the values' bytes from the least on. */
static uint64_t hash_of(const float *x, size_t count)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < count; i++) {
		uint32_t bits;

		memcpy(&bits, &x[i], sizeof(bits));
		for (int byte = 0; byte < 4; byte++)
			hash = (hash ^ (bits >> 8 * byte & 0xff)) * UINT64_C(1099511628211);
	}
	return hash;
}

static void print(const char *what, const char *of, const float *x, size_t count)
{
	printf("%-22s %-6s %7zu %016" PRIx64 "\n", what, of, count, hash_of(x, count));
}

/* Whoever sees this has no memory, or wrong settings in this file. */
static void must(int rc)
{
	if (rc < 0)
		abort();
}

static void hash_ffts(const char *of, const float *x)
{
	static float bins[8192 + 2];

	for (size_t n = 8; n <= 8192; n *= 8) {
		AUTO(arena) struct arena *a = arena_create();
		struct fft *f;
		char what[32];

		must(fft_open(a, n, &f));
		fft_forward(f, x, bins);
		snprintf(what, sizeof(what), "fft %zu", n);
		print(what, of, bins, n + 2);
	}
}

static void hash_resampling(const char *of, const float *x)
{
	static const uint32_t rates[][2] = {
		{ 8000, 16000 },  { 11025, 16000 }, { 22050, 16000 },  { 44100, 16000 },
		{ 48000, 16000 }, { 96000, 16000 }, { 192000, 16000 }, { 384000, 16000 },
		{ 44101, 16000 }, { 16000, 48000 }, { 15999, 44100 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		AUTO(arena) struct arena *a = arena_create();
		struct resample *r;
		char what[32];
		enum { COUNT = 20000 };

		must(resample_open(a, rates[i][0], rates[i][1], &r, NULL));
		AUTO_FREE float *out =
			calloc(resample_most(r, COUNT) + resample_most(r, 0), sizeof(float));
		size_t made = resample_push(r, x, COUNT, out);
		made += resample_flush(r, out + made);
		snprintf(what, sizeof(what), "resample %u %u", rates[i][0], rates[i][1]);
		print(what, of, out, made);
	}
}

static void hash_front_ends(const char *of, const float *x)
{
	static float out[200 * 128];

	for (const struct preset *p = presets; p->name != NULL; p++) {
		AUTO(arena) struct arena *a = arena_create();
		struct frontend *e;

		must(frontend_open(p->settings, a, &e, NULL));
		size_t hop = frontend_hop_samples(e);
		size_t values = frontend_rows(e) * frontend_columns(e);
		size_t calls = hop > 0 ? 100 : 1;
		for (size_t i = 0; i < calls; i++)
			frontend_run(e, x + i * hop, out + i * values);
		print(p->name, of, out, calls * values);
	}
}

/* The whole way: 48 kHz, two channels of which one dies, to keyword features. */
static void hash_way(const char *of, const float *x)
{
	AUTO(arena) struct arena *a = arena_create();
	static float both[2 * 96000], one[96000], slow[40000], out[20 * 490];
	const float *p = slow;
	struct mix *m;
	struct resample *r;
	struct window *w;
	struct frontend *e;
	struct window_cut cut;
	size_t made = 0;

	for (size_t i = 0; i < 96000; i++) {
		both[2 * i] = x[i];
		both[2 * i + 1] = i < 20000 ? x[i + 5] : 0.125f;
	}
	must(mix_open(&(struct mix_settings){ 2, MIX_AVERAGE, 48000 }, a, &m, NULL));
	must(resample_open(a, 48000, 16000, &r, NULL));
	must(frontend_open(&preset_kws, a, &e, NULL));
	must(window_open(a, frontend_window_samples(e), 4000, &w));
	window_reset(w, 0);
	mix_run(m, both, 96000, one);
	print("mix", of, one, 96000);
	size_t count = resample_push(r, one, 96000, slow);
	for (; window_push(w, &p, &count, &cut); made += 490)
		frontend_run(e, cut.samples, out + made);
	print("mix to features", of, out, made);
}

static void hash_all(const char *of, const float *x)
{
	hash_ffts(of, x);
	hash_resampling(of, x);
	hash_front_ends(of, x);
	hash_way(of, x);
}

int main(void)
{
	static float x[SAMPLES];

	support_noise(x, SAMPLES, 0.5f, 1);
	hash_all("noise", x);

	memset(x, 0, sizeof(x));
	support_tone(x, SAMPLES, 441.0, 16000, 0.6);
	support_tone(x, SAMPLES, 3333.3, 16000, 0.3);
	hash_all("tones", x);

	/* down to where single precision loses its last bits */
	support_noise(x, SAMPLES, 1e-20f, 2);
	hash_all("faint", x);

	memset(x, 0, sizeof(x));
	hash_all("zeros", x);
	return 0;
}
