/* sound_file.c - samples from a sound file: WAV, FLAC, Ogg and what else libsndfile reads. */
#include "input/sound_file.h"

#include <errno.h>
#include <math.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input/regular_file.h"

/* libsndfile quietly plays what is left of a WAV file that was cut off; its head tells (RIFF: bytes
 * 4 to 7 are the size behind them; programs that write to a pipe leave 0 or all ones there). */
static int check_riff_size(int fd, const char *path, off_t size, struct fault *f)
{
	unsigned char head[12];

	if (pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    memcmp(head, "RIFF", 4) != 0)
		return 0;
	uint32_t announced = head[4] | head[5] << 8 | head[6] << 16 | (uint32_t)head[7] << 24;
	if (announced == 0 || announced >= UINT32_MAX - 8 || (off_t)announced + 8 <= size + 1)
		return 0;
	return fault_set(f, -EBADMSG, "%s: cut off: its head announces %lld bytes, %lld are there",
			 path, (long long)announced + 8, (long long)size);
}

static int open_sound(const char *path, struct fault *f)
{
	long long bytes;
	AUTO_CLOSE int fd = regular_file_open(path, "a sound file", &bytes, f);
	int rc = fd < 0 ? fd : check_riff_size(fd, path, (off_t)bytes, f);

	return rc < 0 ? rc : TAKE_FD(fd);
}

static int check_format(const char *path, const SF_INFO *info, struct fault *f)
{
	if (info->samplerate < SOUND_LEAST_HZ || info->samplerate > SOUND_MOST_HZ)
		return fault_set(f, -EBADMSG, "%s: %d samples a second (%d to %d)", path,
				 info->samplerate, SOUND_LEAST_HZ, SOUND_MOST_HZ);
	if (info->channels < 1 || info->channels > SOUND_MOST_CHANNELS)
		return fault_set(f, -EBADMSG, "%s: %d channels (1 to %d)", path, info->channels,
				 SOUND_MOST_CHANNELS);
	if (info->frames < 1)
		return fault_set(f, -EBADMSG, "%s: holds no samples", path);
	return 0;
}

int sound_file_open(const char *path, struct sound_file **out, struct fault *f)
{
	SF_INFO info = { 0 };
	int fd = open_sound(path, f);

	if (fd < 0)
		return fd;
	SNDFILE *handle = sf_open_fd(fd, SFM_READ, &info, SF_TRUE);
	if (handle == NULL) {
		close(fd);
		return fault_set(f,
				 sf_error(NULL) == SF_ERR_UNRECOGNISED_FORMAT ? -EILSEQ : -EBADMSG,
				 "%s: no sound file that can be read: %s (WAV, FLAC, Ogg)", path,
				 sf_strerror(NULL));
	}
	int rc = check_format(path, &info, f);
	struct sound_file *s = rc < 0 ? NULL : calloc(1, sizeof(*s));
	if (s == NULL) {
		sf_close(handle);
		return rc < 0 ? rc : fault_set(f, -ENOMEM, "%s: no memory", path);
	}
	*s = (struct sound_file){ handle, path, info.samplerate, (unsigned)info.channels,
				  (uint64_t)info.frames };
	*out = s;
	return 0;
}

void sound_file_free(struct sound_file *s)
{
	if (s == NULL)
		return;
	sf_close(s->handle);
	free(s);
}

int64_t sound_file_read(struct sound_file *s, float *samples, size_t frames, struct fault *f)
{
	sf_count_t got = sf_readf_float(s->handle, samples, (sf_count_t)frames);

	if (sf_error(s->handle) != SF_ERR_NO_ERROR)
		return fault_set(f, -EBADMSG, "%s: damaged: %s", s->path, sf_strerror(s->handle));
	for (size_t i = 0; i < (size_t)got * s->channels; i++)
		if (!isfinite(samples[i])) /* a float file may hold anything */
			samples[i] = 0;
	return got;
}

int sound_file_seek(struct sound_file *s, uint64_t frame, struct fault *f)
{
	if (sf_seek(s->handle, (sf_count_t)frame, SEEK_SET) < 0)
		return fault_set(f, -ESPIPE, "%s: cannot go to frame %llu: %s", s->path,
				 (unsigned long long)frame, sf_strerror(s->handle));
	return 0;
}
