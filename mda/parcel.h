/*
 * parcel.h - one message between its arrival and its copies in the mailboxes.
 *
 * The first PARCEL_MEMORY bytes are kept in memory, where nearly every message
 * fits whole; what comes after them goes to an unnamed file in the mail root,
 * so that nothing is left behind whatever happens.  LF line ends.
 */
#ifndef MDA_PARCEL_H
#define MDA_PARCEL_H

#include "common/buf.h"

#include <stdint.h>

enum { PARCEL_MEMORY = 256 * 1024 };

struct parcel {
	struct buf head;   /* the beginning; may be edited (arriving.h) */
	int tail;          /* a file with the rest, or -1 */
	int64_t tail_size; /* of the rest */
};

/* clang-format off */
#define PARCEL_INIT { .head = BUF_INIT, .tail = -1 }
/* clang-format on */

/*
 * Appends; PARCEL is a struct parcel, as a sink of data_reader.h wants it.
 * 0, or -1 when the disk does not take it (logged).
 */
int parcel_add(void *parcel, const char *data, size_t size);

/* Writes the rest, what does not stand in head, to FD.  0 or -1 (logged). */
int parcel_copy_tail(const struct parcel *parcel, int fd);

/* Makes it empty; frees a large piece of memory, keeps a small one. */
void parcel_reset(struct parcel *parcel);

/* Makes it empty and frees all. */
void parcel_clear(struct parcel *parcel);

#endif
