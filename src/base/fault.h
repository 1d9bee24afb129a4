/* fault.h - what went wrong, as an errno for the program and a sentence for people. */
#ifndef EDGED_BASE_FAULT_H
#define EDGED_BASE_FAULT_H

/* Filled where the cause is known, printed by whoever decides what to do about it.
 * Start with `struct fault f = { 0 };`. */
struct fault {
	int rc;		/* negative errno; 0: nothing went wrong */
	char text[512]; /* one sentence, no line break at the end */
};

/* Both set the fault (NULL is fine) and give rc back, so that a caller can return it at once. */
int fault_set(struct fault *f, int rc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The same with -errno, and what errno means behind the sentence. */
int fault_errno(struct fault *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "where: " before a sentence that is there already. Gives f->rc back. */
int fault_prefix(struct fault *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
#endif
