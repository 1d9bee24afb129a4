/* microband.h - one band of the micro front end: noise reduction, gain control, logarithm. */
#ifndef EDGED_SIGNAL_MICROBAND_H
#define EDGED_SIGNAL_MICROBAND_H
#include <stddef.h>
#include <stdint.h>

enum { MICROBAND_OCTAVES = 33, MICROBAND_SEGMENTS = 128 };

/* Curves that all bands share. */
struct microband {
	struct microband_octave {
		int16_t start, slope, bend;	   /* start + slope t + bend t^2, t in 0..1 */
	} gain[MICROBAND_OCTAVES];		   /* by the bit length of the noise estimate */
	uint16_t log2_bow[MICROBAND_SEGMENTS + 1]; /* log2(1 + x) - x in 16 bits */
};

void microband_init(struct microband *b);

/* 64 ln of what noise reduction and gain control leave of the band's magnitude. *noise is the
 * band's estimate, 0 at the start of a stream; even and odd bands follow it at different speeds. */
uint16_t microband_run(const struct microband *b, uint32_t signal, size_t band, uint32_t *noise);

/* Bits up to the highest one that is set: 0 for 0. */
int microband_bits(uint32_t x);
#endif
