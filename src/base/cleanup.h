/* cleanup.h - locals that are freed at the end of their scope, and how to hand them on. */
#ifndef EDGED_BASE_CLEANUP_H
#define EDGED_BASE_CLEANUP_H
#include <stdlib.h>
#include <unistd.h>

/* Each header with a create/free pair says AUTO_DEFINE(thing) once; then
 * `AUTO(thing) struct thing *t = NULL;` calls thing_free(t) when t goes out of scope. */
#define AUTO_DEFINE(type)                                                                          \
	static inline void type##_auto(struct type **p)                                            \
	{                                                                                          \
		type##_free(*p);                                                                   \
	}
#define AUTO(type) __attribute__((cleanup(type##_auto)))

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define AUTO_CLOSE __attribute__((cleanup(cleanup_close)))

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}
#define AUTO_FREE __attribute__((cleanup(cleanup_free)))

/* Hands a pointer or a descriptor on: the variable no longer owns it. */
#define TAKE(p)                                                                                    \
	({                                                                                         \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})
#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int taken_ = (fd);                                                                 \
		(fd) = -1;                                                                         \
		taken_;                                                                            \
	})

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif
