/*
 * arena.h - memory for many small things that go all at once.
 *
 * What a list of 100,000 messages holds in strings would be 400,000 blocks of
 * malloc(), each with its overhead, and as many calls of free().
 */
#ifndef MUA_ARENA_H
#define MUA_ARENA_H

#include <stddef.h>

struct arena_chunk;

/* All zero is an empty one. */
struct arena {
	struct arena_chunk *chunk; /* the one that is being filled */
	size_t used;               /* of it */
};

/* SIZE bytes, aligned for anything, until arena_clear(). */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of TEXT. */
const char *arena_string(struct arena *arena, const char *text);

/* Frees all of it. */
void arena_clear(struct arena *arena);

#endif
