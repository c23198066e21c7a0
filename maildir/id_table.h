/*
 * id_table.h - message ids, or names, looked up by a hash alone.
 *
 * Two ids with the same 64 bits are taken for one; the hash begins with a
 * random number, so that nobody can make up two such.
 */
#ifndef MAILDIR_ID_TABLE_H
#define MAILDIR_ID_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_TABLE_FREE UINT32_MAX

struct id_slot {
	uint64_t hash; /* 0: free */
	uint32_t number;
};

struct id_table {
	uint64_t seed;
	struct id_slot *slots;
	size_t count;
	size_t room; /* a power of two */
};

void id_table_init(struct id_table *table);
void id_table_clear(struct id_table *table);

/* Never 0.  FOLD: any case of ASCII letters, and any number of blanks. */
uint64_t id_table_hash(const struct id_table *table, const char *text,
    size_t size, bool fold);

/*
 * The number kept for an id, ID_TABLE_FREE when it is new; the caller sets it.
 * Valid until the next call.
 */
uint32_t *id_table_find(struct id_table *table, const char *id, size_t size);

/* Whether it was looked for by id_table_find().  A cleared table has none. */
bool id_table_has(const struct id_table *table, const char *id, size_t size);

#endif
