/*
 * arena.c - memory for many small things that go all at once.
 */
#include "mua/arena.h"

#include "common/mem.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_SIZE = 256 * 1024 };

struct arena_chunk {
	struct arena_chunk *before;
	size_t size; /* of the bytes that follow */
	alignas(max_align_t) char bytes[];
};

/* SIZE bytes at the next multiple of ALIGNMENT. */
static void *
take(struct arena *arena, size_t size, size_t alignment)
{
	struct arena_chunk *chunk = arena->chunk;
	size_t at = (arena->used + alignment - 1) / alignment * alignment;

	if (chunk == NULL || at + size > chunk->size) {
		size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;

		chunk = xmalloc(sizeof(*chunk) + room);
		chunk->before = arena->chunk;
		chunk->size = room;
		arena->chunk = chunk;
		at = 0;
	}
	arena->used = at + size;
	return chunk->bytes + at;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	return take(arena, size, alignof(max_align_t));
}

const char *
arena_string(struct arena *arena, const char *text)
{
	size_t size = strlen(text) + 1;

	if (size == 1)
		return "";
	return memcpy(take(arena, size, 1), text, size);
}

void
arena_clear(struct arena *arena)
{
	while (arena->chunk != NULL) {
		struct arena_chunk *before = arena->chunk->before;

		free(arena->chunk);
		arena->chunk = before;
	}
	arena->used = 0;
}
