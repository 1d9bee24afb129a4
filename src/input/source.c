/* source.c - the kinds of inputs. */
#include "input/source.h"

static const struct source_ops *const source_all[] = { &source_file, &source_alsa, NULL };

const struct source_ops *source_find(const struct schema *schema)
{
	for (size_t i = 0; source_all[i] != NULL; i++)
		if (source_all[i]->schema == schema)
			return source_all[i];
	return NULL;
}
