/* trace.c - what is kept of every window, so that "why?" has an answer later. */
#include "decide/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A label is one byte that says whether it may decide, its name, a NUL. */
enum { LABEL_DECIDES = '+', LABEL_NEVER = '-' };

void trace_add_label(struct trace_meta *m, const char *name, bool decides)
{
	size_t length = strlen(name) + 2;

	m->label_count++;
	/* Once one found no room none behind it may: the index is the place. */
	if (m->label_bytes + length > sizeof(m->labels)) {
		m->label_bytes = sizeof(m->labels);
		return;
	}
	m->labels[m->label_bytes] = decides ? LABEL_DECIDES : LABEL_NEVER;
	memcpy(m->labels + m->label_bytes + 1, name, length - 1);
	m->label_bytes += (uint32_t)length;
}

/* The entry of a label, or NULL. Entries that are not there are zeros. */
static const char *find_entry(const struct trace_meta *m, unsigned index)
{
	const char *p = m->labels, *end = m->labels + m->label_bytes;

	for (unsigned i = 0; p < end && *p != '\0'; i++, p += strlen(p) + 1)
		if (i == index)
			return p;
	return NULL;
}

const char *trace_label(const struct trace_meta *m, unsigned index, bool *decides,
			char text[TRACE_NAME_BYTES])
{
	const char *entry = find_entry(m, index);

	if (decides != NULL)
		*decides = entry == NULL || *entry == LABEL_DECIDES;
	if (entry != NULL)
		return entry + 1;
	snprintf(text, TRACE_NAME_BYTES, index == TRACE_NO_LABEL ? "-" : "#%u", index);
	return text;
}

int trace_find_label(const struct trace_meta *m, const char *name)
{
	const char *p = m->labels, *end = m->labels + m->label_bytes;

	for (int i = 0; p < end && *p != '\0'; i++, p += strlen(p) + 1)
		if (strcmp(p + 1, name) == 0)
			return i;
	return GATE_NONE;
}

static bool ends(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

/* Up to a day, as the YAML has it. */
static bool is_duration(int64_t ns)
{
	return ns >= 0 && ns <= INT64_C(86400000000000);
}

bool trace_meta_sound(const struct trace_meta *m)
{
	return ends(m->gateway, sizeof(m->gateway)) && ends(m->pipeline, sizeof(m->pipeline)) &&
	       ends(m->input, sizeof(m->input)) && ends(m->model, sizeof(m->model)) &&
	       ends(m->sha256, sizeof(m->sha256)) && ends(m->recording, sizeof(m->recording)) &&
	       m->label_count >= 1 && m->label_count < TRACE_NO_LABEL &&
	       m->label_bytes <= sizeof(m->labels) && m->labels[sizeof(m->labels) - 1] == '\0' &&
	       m->at_least >= 1 && m->at_least <= 1000 && is_duration(m->hop_ns) &&
	       is_duration(m->length_ns) && is_duration(m->hold_ns) && is_duration(m->smooth_ns);
}

/* The gates' two best come first, whatever ties there are; then the best of the others. */
void trace_put_scores(struct trace_record *r, const float *raw, const float *smoothed,
		      size_t labels, const struct gate_result *g)
{
	int third = GATE_NONE;

	for (int i = 0; i < (int)labels; i++)
		if (i != g->best && i != g->second &&
		    (third == GATE_NONE || smoothed[i] > smoothed[third]))
			third = i;
	const int best[TRACE_TOP] = { g->best, g->second, third };
	for (size_t i = 0; i < TRACE_TOP; i++) {
		r->label[i] = best[i] == GATE_NONE ? TRACE_NO_LABEL : (uint16_t)best[i];
		r->smoothed[i] = best[i] == GATE_NONE ? 0 : smoothed[best[i]];
	}
	r->raw = raw[g->best];
	r->agreeing = g->agreeing < UINT16_MAX ? (uint16_t)g->agreeing : UINT16_MAX;
	r->verdict = (uint8_t)g->verdict & 15;
	r->reason = (uint8_t)g->reason & 15;
}

void trace_id_write(uint64_t stream, const char *pipeline, uint64_t window,
		    char out[TRACE_ID_BYTES])
{
	snprintf(out, TRACE_ID_BYTES, "%016llx-%.*s-%llu", (unsigned long long)stream,
		 TRACE_ID_NAME, pipeline, (unsigned long long)window);
}

/* A pipeline's name may hold hyphens: the stream has 16 digits, the window stands behind the last. */
bool trace_id_read(const char *text, uint64_t *stream, char pipeline[TRACE_NAME_BYTES],
		   uint64_t *window)
{
	const char *last = strrchr(text, '-');
	char *end;

	if (strspn(text, "0123456789abcdef") != 16 || text[16] != '-' || last <= text + 17 ||
	    last[1] < '0' || last[1] > '9' || (size_t)(last - text - 17) >= TRACE_NAME_BYTES)
		return false;
	*stream = strtoull(text, NULL, 16);
	*window = strtoull(last + 1, &end, 10);
	snprintf(pipeline, TRACE_NAME_BYTES, "%.*s", (int)(last - text - 17), text + 17);
	return *end == '\0';
}
