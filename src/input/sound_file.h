/* sound_file.h - samples from a sound file: WAV, FLAC, Ogg and what else libsndfile reads. */
#ifndef EDGED_INPUT_SOUND_FILE_H
#define EDGED_INPUT_SOUND_FILE_H
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/fault.h"

enum { SOUND_MOST_CHANNELS = 32, SOUND_LEAST_HZ = 1000, SOUND_MOST_HZ = 192000 };

struct sound_file {
	void *handle;	  /* libsndfile's */
	const char *path; /* borrowed */
	double rate_hz;
	unsigned channels;
	uint64_t frames; /* as its head says */
};

/* Faults: -ENOENT and the like; -EILSEQ: by its content no sound file; -EBADMSG: damaged,
 * cut off, or nothing in it. */
int sound_file_open(const char *path, struct sound_file **out, struct fault *f);
void sound_file_free(struct sound_file *s);
AUTO_DEFINE(sound_file)

/* Interleaved samples in -1..1, 16-bit ones exactly s/32768. Frames read: fewer than asked only
 * at the end, 0 there; or a fault where the file is damaged. */
int64_t sound_file_read(struct sound_file *s, float *samples, size_t frames, struct fault *f);
int sound_file_seek(struct sound_file *s, uint64_t frame, struct fault *f);
#endif
