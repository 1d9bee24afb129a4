/* alsa_mixer_plugin.c - a card's mixer for tests: an ALSA plugin whose values stand in a file, one a
 * line, in the order of the elements below; a negative one cannot be set. ctl.NAME {type edgedtest, file}. */
#include <alsa/asoundlib.h>
#include <alsa/control_external.h>

enum { ELEMENTS = 4 };

static const struct element {
	const char *name;
	int type;
	long most;
} elements[ELEMENTS] = {
	{ "Mic Capture Switch", SND_CTL_ELEM_TYPE_BOOLEAN, 1 },
	{ "Mic Capture Volume", SND_CTL_ELEM_TYPE_INTEGER, 31 },
	{ "Auto Gain Control", SND_CTL_ELEM_TYPE_BOOLEAN, 1 },
	{ "Mic Boost Capture Volume", SND_CTL_ELEM_TYPE_INTEGER, 3 },
};

struct mixer {
	snd_ctl_ext_t ext;
	char *file;
};

static void load(const char *file, long values[ELEMENTS])
{
	FILE *f = fopen(file, "r");

	for (int i = 0; i < ELEMENTS; i++)
		if (f == NULL || fscanf(f, "%ld", &values[i]) != 1)
			values[i] = 0;
	if (f != NULL)
		fclose(f);
}

static int elem_count(snd_ctl_ext_t *ext)
{
	(void)ext;
	return ELEMENTS;
}

static int elem_list(snd_ctl_ext_t *ext, unsigned offset, snd_ctl_elem_id_t *id)
{
	(void)ext;
	snd_ctl_elem_id_set_interface(id, SND_CTL_ELEM_IFACE_MIXER);
	snd_ctl_elem_id_set_name(id, elements[offset].name);
	return 0;
}

static snd_ctl_ext_key_t find_elem(snd_ctl_ext_t *ext, const snd_ctl_elem_id_t *id)
{
	(void)ext;
	for (unsigned i = 0; i < ELEMENTS; i++)
		if (strcmp(snd_ctl_elem_id_get_name(id), elements[i].name) == 0)
			return i;
	return SND_CTL_EXT_KEY_NOT_FOUND;
}

static int get_attribute(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, int *type, unsigned *access,
			 unsigned *count)
{
	(void)ext;
	*type = elements[key].type;
	*access = SND_CTL_EXT_ACCESS_READWRITE;
	*count = 1;
	return 0;
}

static int get_integer_info(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, long *least, long *most,
			    long *step)
{
	(void)ext;
	*least = 0;
	*most = elements[key].most;
	*step = 1;
	return 0;
}

static int read_integer(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, long *value)
{
	long values[ELEMENTS];

	load(((struct mixer *)ext->private_data)->file, values);
	*value = values[key] < 0 ? 0 : values[key];
	return 0;
}

static int write_integer(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, long *value)
{
	struct mixer *m = ext->private_data;
	long values[ELEMENTS];

	load(m->file, values);
	if (values[key] < 0)
		return -EPERM;
	if (values[key] == *value)
		return 0;
	values[key] = *value;
	FILE *f = fopen(m->file, "w");
	for (int i = 0; f != NULL && i < ELEMENTS; i++)
		fprintf(f, "%ld\n", values[i]);
	if (f != NULL)
		fclose(f);
	return 1;
}

static int read_event(snd_ctl_ext_t *ext, snd_ctl_elem_id_t *id, unsigned *mask)
{
	(void)ext;
	(void)id;
	(void)mask;
	return -EAGAIN;
}

static void end(snd_ctl_ext_t *ext)
{
	struct mixer *m = ext->private_data;

	free(m->file);
	free(m);
}

static const snd_ctl_ext_callback_t callbacks = {
	.close = end,
	.elem_count = elem_count,
	.elem_list = elem_list,
	.find_elem = find_elem,
	.get_attribute = get_attribute,
	.get_integer_info = get_integer_info,
	.read_integer = read_integer,
	.write_integer = write_integer,
	.read_event = read_event,
};

SND_CTL_PLUGIN_DEFINE_FUNC(edgedtest)
{
	struct mixer *m = calloc(1, sizeof(*m));
	snd_config_t *file;
	const char *text = "";

	(void)root;
	if (m == NULL)
		return -ENOMEM;
	if (snd_config_search(conf, "file", &file) == 0)
		snd_config_get_string(file, &text);
	m->file = strdup(text);
	m->ext = (snd_ctl_ext_t){
		.version = SND_CTL_EXT_VERSION,
		.id = "edgedtest",
		.driver = "edgedtest",
		.name = "edgedtest",
		.longname = "edged's mixer for tests",
		.mixername = "edgedtest",
		.poll_fd = -1,
		.callback = &callbacks,
		.private_data = m,
	};
	int rc = snd_ctl_ext_create(&m->ext, name, mode);
	if (rc < 0)
		end(&m->ext);
	else
		*handlep = m->ext.handle;
	return rc;
}

SND_CTL_PLUGIN_SYMBOL(edgedtest);
