/* alsa_plugin.c - a microphone for tests: an ALSA plugin that plays a raw file at its pace, and falls
 * ill in the way that its control file says while it runs:
 *   zeros, clip, offset       what it delivers
 *   hang                      zeros until it is opened again
 *   rate 17000                how many frames a second
 *   xrun, eio                 once; the file is emptied
 *   suspend                   until it is resumed, which takes three tries
 *   deaf                      open, but it never wakes
 *   disconnect, busy          it is gone, or cannot be opened, as long as that stands there
 * pcm.NAME {type edgedtest, file, control, rate, channels, format, mapped}: see tests/input/lib.sh. */
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <stdbool.h>
#include <sys/timerfd.h>
#include <time.h>

struct illness {
	char word[20];
	double rate;
};

struct microphone {
	snd_pcm_ioplug_t io;
	const char *control;
	unsigned char *sound; /* of the whole file */
	size_t sound_bytes, frame_bytes;
	unsigned rate, channels, noise, resumes;
	struct illness now;
	double made;	/* frames since the start, up to */
	double last_s;	/* this time */
	uint64_t taken; /* frames of them that were read */
	bool running, mapped;
	snd_pcm_format_t format;
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void examine(const char *control, struct illness *out)
{
	FILE *f = fopen(control, "r");

	*out = (struct illness){ 0 };
	if (f == NULL)
		return;
	if (fscanf(f, "%19s %lf", out->word, &out->rate) < 1)
		out->word[0] = '\0';
	fclose(f);
}

static bool is_ill(const struct microphone *m, const char *word)
{
	return strcmp(m->now.word, word) == 0;
}

static bool once(struct microphone *m, const char *word)
{
	if (!is_ill(m, word))
		return false;
	FILE *f = fopen(m->control, "w");
	if (f != NULL)
		fclose(f);
	m->now.word[0] = '\0';
	return true;
}

/* Examines it, and lets the time pass that has passed. */
static void go_on(struct microphone *m)
{
	double now = seconds();

	examine(m->control, &m->now);
	if (m->running && !is_ill(m, "deaf"))
		m->made += (now - m->last_s) * (m->now.rate > 0 ? m->now.rate : m->rate);
	m->last_s = now;
	if (is_ill(m, "disconnect"))
		snd_pcm_ioplug_set_state(&m->io, SND_PCM_STATE_DISCONNECTED);
	if (is_ill(m, "suspend"))
		snd_pcm_ioplug_set_state(&m->io, SND_PCM_STATE_SUSPENDED);
}

static void set_timer(const struct microphone *m, long ns)
{
	struct itimerspec t = { .it_value.tv_nsec = ns, .it_interval.tv_nsec = ns };

	timerfd_settime(m->io.poll_fd, 0, &t, NULL);
}

static int start(snd_pcm_ioplug_t *io)
{
	struct microphone *m = io->private_data;

	m->running = true;
	m->last_s = seconds();
	go_on(m);
	set_timer(m, is_ill(m, "deaf") ? 0 : 10 * 1000 * 1000);
	return is_ill(m, "disconnect") ? -ENODEV : 0;
}

static int stop(snd_pcm_ioplug_t *io)
{
	struct microphone *m = io->private_data;

	m->running = false;
	set_timer(m, 0);
	return 0;
}

/* What was not read is lost: as after any xrun. */
static int prepare(snd_pcm_ioplug_t *io)
{
	struct microphone *m = io->private_data;

	m->taken = (uint64_t)m->made;
	m->made = (double)m->taken;
	return 0;
}

static int resume(snd_pcm_ioplug_t *io)
{
	struct microphone *m = io->private_data;

	if (++m->resumes % 3 != 0)
		return -EAGAIN; /* which alsa-lib's plugins turn into 0 */
	once(m, "suspend");
	snd_pcm_ioplug_set_state(io, SND_PCM_STATE_SETUP); /* as most: it has to be prepared anew */
	return 0;
}

static snd_pcm_sframes_t pointer(snd_pcm_ioplug_t *io)
{
	struct microphone *m = io->private_data;

	go_on(m);
	if (is_ill(m, "disconnect"))
		return -ENODEV;
	if (once(m, "xrun") || m->made - (double)m->taken > (double)io->buffer_size)
		return -EPIPE;
	return (snd_pcm_sframes_t)((uint64_t)m->made % io->buffer_size);
}

/* Behind the end of the file a quiet room: one step of noise now and then, in the top 16 bits. */
static void make_room(struct microphone *m, unsigned char *to)
{
	size_t bytes = m->frame_bytes / m->channels;

	memset(to, 0, m->frame_bytes);
	for (unsigned k = 0; k < m->channels; k++) {
		m->noise = m->noise * 1664525 + 1013904223;
		to[k * bytes + bytes - 2] = (unsigned char)(m->noise >> 30);
	}
}

static void make_constant(const struct microphone *m, unsigned char *to, unsigned char high)
{
	size_t bytes = m->frame_bytes / m->channels;

	memset(to, high == 0x7f ? 0xff : 0, m->frame_bytes);
	for (unsigned k = 0; k < m->channels; k++)
		to[(k + 1) * bytes - 1] = high;
}

static void make_frame(struct microphone *m, uint64_t frame, unsigned char *to)
{
	size_t at = frame * m->frame_bytes;

	if (is_ill(m, "zeros") || is_ill(m, "hang"))
		memset(to, 0, m->frame_bytes);
	else if (is_ill(m, "clip"))
		make_constant(m, to, frame / 40 % 2 == 0 ? 0x7f : 0x80);
	else if (is_ill(m, "offset"))
		make_constant(m, to, (unsigned char)(0x20 + frame % 2));
	else if (at + m->frame_bytes <= m->sound_bytes)
		memcpy(to, m->sound + at, m->frame_bytes);
	else
		make_room(m, to);
}

static snd_pcm_sframes_t transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
				  snd_pcm_uframes_t offset, snd_pcm_uframes_t size)
{
	struct microphone *m = io->private_data;
	unsigned char *to =
		(unsigned char *)areas[0].addr + (areas[0].first + areas[0].step * offset) / 8;

	go_on(m);
	if (is_ill(m, "disconnect"))
		return -ENODEV;
	if (once(m, "eio"))
		return -EIO;
	for (snd_pcm_uframes_t i = 0; i < size; i++, to += m->frame_bytes)
		make_frame(m, m->taken++, to);
	return (snd_pcm_sframes_t)size;
}

static int poll_revents(snd_pcm_ioplug_t *io, struct pollfd *pfd, unsigned count,
			unsigned short *revents)
{
	struct microphone *m = io->private_data;
	uint64_t ticks;

	(void)count;
	go_on(m);
	*revents = 0;
	if (is_ill(m, "deaf"))
		set_timer(m, 0);
	if (is_ill(m, "disconnect") || is_ill(m, "suspend"))
		*revents = POLLERR | POLLHUP; /* and on and on: the tick is not taken */
	else if (read(pfd->fd, &ticks, sizeof(ticks)) > 0 &&
		 m->made - (double)m->taken >= (double)io->period_size)
		*revents = POLLIN;
	return 0;
}

static int end(snd_pcm_ioplug_t *io)
{
	struct microphone *m = io->private_data;

	close(io->poll_fd);
	free((char *)m->control);
	free(m->sound);
	free(m);
	return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
	.start = start,
	.stop = stop,
	.prepare = prepare,
	.pointer = pointer,
	.transfer = transfer,
	.poll_revents = poll_revents,
	.resume = resume,
	.close = end,
};

/* It has one format, one rate, one number of channels, as many microphones do. */
static int constrain(struct microphone *m)
{
	static const unsigned both[] = { SND_PCM_ACCESS_RW_INTERLEAVED,
					 SND_PCM_ACCESS_MMAP_INTERLEAVED };
	const unsigned format = (unsigned)m->format;
	int rc = snd_pcm_ioplug_set_param_list(&m->io, SND_PCM_IOPLUG_HW_ACCESS, m->mapped ? 2 : 1,
					       both);

	if (rc == 0)
		rc = snd_pcm_ioplug_set_param_list(&m->io, SND_PCM_IOPLUG_HW_FORMAT, 1, &format);
	if (rc == 0)
		rc = snd_pcm_ioplug_set_param_minmax(&m->io, SND_PCM_IOPLUG_HW_CHANNELS,
						     m->channels, m->channels);
	if (rc == 0)
		rc = snd_pcm_ioplug_set_param_minmax(&m->io, SND_PCM_IOPLUG_HW_RATE, m->rate,
						     m->rate);
	if (rc == 0)
		rc = snd_pcm_ioplug_set_param_minmax(&m->io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 64,
						     1 << 18);
	if (rc == 0)
		rc = snd_pcm_ioplug_set_param_minmax(&m->io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 128,
						     1 << 20);
	return rc;
}

static void load(struct microphone *m, const char *path)
{
	FILE *f = fopen(path, "r");

	if (f == NULL)
		return;
	fseek(f, 0, SEEK_END);
	m->sound_bytes = (size_t)ftell(f);
	rewind(f);
	m->sound = malloc(m->sound_bytes + 1);
	if (m->sound == NULL || fread(m->sound, 1, m->sound_bytes, f) != m->sound_bytes)
		m->sound_bytes = 0;
	fclose(f);
}

static void configure(struct microphone *m, snd_config_t *conf, const char **file)
{
	snd_config_iterator_t i, next;

	snd_config_for_each(i, next, conf)
	{
		snd_config_t *c = snd_config_iterator_entry(i);
		const char *id, *text = "";
		long number = 0;

		snd_config_get_id(c, &id);
		snd_config_get_string(c, &text);
		snd_config_get_integer(c, &number);
		if (strcmp(id, "file") == 0)
			*file = text;
		else if (strcmp(id, "control") == 0)
			m->control = strdup(text);
		else if (strcmp(id, "format") == 0)
			m->format = snd_pcm_format_value(text);
		else if (strcmp(id, "rate") == 0)
			m->rate = (unsigned)number;
		else if (strcmp(id, "channels") == 0)
			m->channels = (unsigned)number;
		else if (strcmp(id, "mapped") == 0)
			m->mapped = number != 0;
	}
}

SND_PCM_PLUGIN_DEFINE_FUNC(edgedtest)
{
	struct microphone *m = calloc(1, sizeof(*m));
	const char *file = "";

	(void)root;
	if (m == NULL)
		return -ENOMEM;
	*m = (struct microphone){ .rate = 16000, .channels = 1, .format = SND_PCM_FORMAT_S16_LE };
	configure(m, conf, &file);
	examine(m->control, &m->now);
	once(m, "hang");
	if (is_ill(m, "disconnect") || is_ill(m, "busy")) {
		int rc = is_ill(m, "busy") ? -EBUSY : -ENODEV;
		free((char *)m->control);
		free(m);
		return rc;
	}
	m->frame_bytes = (size_t)snd_pcm_format_physical_width(m->format) / 8 * m->channels;
	load(m, file);
	m->io = (snd_pcm_ioplug_t){
		.version = SND_PCM_IOPLUG_VERSION,
		.name = "edged's microphone for tests",
		.callback = &callbacks,
		.private_data = m,
		.poll_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
		.poll_events = POLLIN,
	};
	int rc = snd_pcm_ioplug_create(&m->io, name, stream, mode);
	if (rc == 0)
		rc = constrain(m);
	if (rc < 0)
		snd_pcm_ioplug_delete(&m->io);
	else
		*pcmp = m->io.pcm;
	return rc;
}

SND_PCM_PLUGIN_SYMBOL(edgedtest);
