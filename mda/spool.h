/*
 * spool.h - one message between its arrival and its copies in the mailboxes.
 *
 * The first SPOOL_MEMORY bytes are kept in memory, where nearly every message
 * fits whole; what comes after them goes to an unnamed file in the mail root,
 * so that nothing is left behind whatever happens.  LF line ends.
 */
#ifndef MDA_SPOOL_H
#define MDA_SPOOL_H

#include "common/buf.h"

#include <stdint.h>

enum { SPOOL_MEMORY = 256 * 1024 };

struct spool {
	struct buf head;   /* the beginning; may be edited (arriving.h) */
	int tail;          /* a file with the rest, or -1 */
	int64_t tail_size; /* of the rest */
};

/* clang-format off */
#define SPOOL_INIT { .head = BUF_INIT, .tail = -1 }
/* clang-format on */

/*
 * Appends; SPOOL is a struct spool, as a sink of data_reader.h wants it.
 * 0, or -1 when the disk does not take it (logged).
 */
int spool_add(void *spool, const char *data, size_t size);

/* Writes the rest, what does not stand in head, to FD.  0 or -1 (logged). */
int spool_copy_tail(const struct spool *spool, int fd);

/* Makes it empty; frees a large piece of memory, keeps a small one. */
void spool_reset(struct spool *spool);

/* Makes it empty and frees all. */
void spool_clear(struct spool *spool);

#endif
