/*
 * buf.h - the one growable string.
 *
 * Invariants, true between calls: data is never NULL and data[size] is NUL;
 * what stands before it may contain NULs; room is the memory allocated, 0
 * while data points at the shared empty string (then nothing is to be freed).
 * Only the functions below change room; data and size may be read freely.
 */
#ifndef COMMON_BUF_H
#define COMMON_BUF_H

#include "common/mem.h"

#include <stddef.h>
#include <sys/types.h>

struct buf {
	char *data;
	size_t size;
	size_t room;
};

extern char buf_empty[1];
/* clang-format off */
#define BUF_INIT { .data = buf_empty }
/* clang-format on */

void buf_add(struct buf *buf, const void *data, size_t size);
void buf_addstr(struct buf *buf, const char *s);
void buf_addchar(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *fmt, ...) PRINTF(2, 3);

/* Removes the first COUNT bytes. */
void buf_drop(struct buf *buf, size_t count);

/* Makes it empty and keeps the memory for what comes next. */
void buf_reset(struct buf *buf);

/* Makes it empty and frees the memory.  The struct can be used again. */
void buf_clear(struct buf *buf);

/* Gives the string away: the caller frees it; BUF is empty afterwards. */
char *buf_steal(struct buf *buf);

/*
 * Appends what can be read from FD up to LIMIT bytes in all.  Returns 0 at the
 * end of the file, 1 when LIMIT was reached with more to come, -1 with errno.
 */
int buf_read(struct buf *buf, int fd, size_t limit);

/* Writes all of DATA, whatever write() takes at a time.  0, or -1 and errno. */
int write_all(int fd, const void *data, size_t size);

#endif
