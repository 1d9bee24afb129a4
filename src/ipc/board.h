/* board.h - the board of heartbeats: one counter a worker, in memory shared with the supervisor. */
#ifndef EDGED_IPC_BOARD_H
#define EDGED_IPC_BOARD_H
#include <stdint.h>

enum { BOARD_PLACES = 64 };

struct board; /* a mapping; layout private to board.c */

int board_create_fd(void);		    /* a sealed memfd, or -errno */
int board_open(int fd, struct board **out); /* owns fd, also on failure */
void board_free(struct board *b);

void board_beat(struct board *b, unsigned place);	     /* "still alive" */
uint64_t board_beats(const struct board *b, unsigned place); /* how often so far */
#endif
