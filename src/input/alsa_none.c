/* alsa_none.c - in the place of alsa.c and alsa_cards.c where there is no alsa-lib. */
#include <errno.h>

#include "input/alsa_cards.h"
#include "input/source.h"
#include "settings/input.h"

static int source_open(const struct source_start *start, struct source **out, struct fault *f)
{
	(void)start;
	(void)out;
	return fault_set(f, -EINVAL, "this edged was built without alsa-lib (libasound2-dev)");
}

static void source_close(struct source *s)
{
	(void)s;
}

const struct source_ops source_alsa = {
	.schema = &alsa_schema,
	.open = source_open,
	.close = source_close,
};

int alsa_cards_visit(alsa_card_fn *visit, void *context, struct fault *f)
{
	(void)visit;
	(void)context;
	return fault_set(f, -EOPNOTSUPP, "this edged was built without alsa-lib (libasound2-dev)");
}
