/*
 * server_heap.c - no holes in the heap before the first fork.
 *
 * Libraries leave their heap full of small free pieces.  A child that puts a
 * line here and a buffer there makes a copy of each page it touches: 60 KB for
 * a session that needs 20.  With the pieces taken, its allocations come one
 * after another from the end (measured: docs/PERFORMANCE.md).
 *
 * The pieces are a linked list, so that they are not lost but kept.  The end
 * of the heap does not move to and fro either.
 */
#include "common/server_heap.h"

#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

enum { LARGEST = 65536, STEP = 1024, GRAIN = 16 };
enum { TOP_MAX = 256 * 1024 }; /* free memory at the end of a heap */

struct piece {
	struct piece *next;
};

static struct piece *pieces;

/* Takes pieces of SIZE until one is from the end, which is given back. */
static void
take_pieces(size_t size, uintptr_t end)
{
	for (;;) {
		struct piece *piece = malloc(size);

		if (piece == NULL)
			return;
		if ((uintptr_t)piece >= end) {
			free(piece);
			return;
		}
		piece->next = pieces;
		pieces = piece;
	}
}

void
heap_settle(void)
{
	struct mallinfo2 info = mallinfo2();
	uintptr_t end = (uintptr_t)sbrk(0) - info.keepcost;

	/* Another allocator (AddressSanitizer's) says 0. */
	if (info.arena == 0)
		return;
	/*
	 * By itself it would take 128 KB more than it needs, and give back what
	 * is more than 128 KB: each record of TLS moved the end twice.
	 */
	(void)mallopt(M_TRIM_THRESHOLD, TOP_MAX);
	for (size_t size = LARGEST; size > STEP; size -= STEP)
		take_pieces(size, end);
	for (size_t size = STEP; size > sizeof(struct piece); size -= GRAIN)
		take_pieces(size, end);
}
