/*
 * id_table.c - message ids, or names, looked up by a hash alone.
 *
 * FNV-1a from a random start, mixed once more since the slot is taken from the
 * lower bits; open addressing, at most half full.
 */
#include "maildir/id_table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/mem.h"

enum { FIRST_ROOM = 1024 };

void
id_table_init(struct id_table *table)
{
	*table = (struct id_table){ .room = FIRST_ROOM };
	if (getrandom(&table->seed, sizeof(table->seed), GRND_NONBLOCK) == -1)
		table->seed = 14695981039346656037U;
	table->slots = xcalloc(table->room, sizeof(table->slots[0]));
}

void
id_table_clear(struct id_table *table)
{
	free(table->slots);
	*table = (struct id_table){ 0 };
}

uint64_t
id_table_hash(const struct id_table *table, const char *text, size_t size,
    bool fold)
{
	uint64_t hash = table->seed;

	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if (fold && c >= 'A' && c <= 'Z')
			c |= 0x20;
		if (fold && c == ' ' && i > 0 && text[i - 1] == ' ')
			continue;
		hash = (hash ^ c) * 1099511628211U;
	}
	hash ^= hash >> 32;
	hash *= 0xD6E8FEB86659FD93U;
	hash ^= hash >> 32;
	return hash == 0 ? 1 : hash;
}

static struct id_slot *
find_slot(const struct id_table *table, uint64_t hash)
{
	size_t at = hash & (table->room - 1);

	while (table->slots[at].hash != 0 && table->slots[at].hash != hash)
		at = (at + 1) & (table->room - 1);
	return &table->slots[at];
}

static void
double_room(struct id_table *table)
{
	struct id_slot *slots = table->slots;
	size_t room = table->room;

	table->room = 2 * room;
	table->slots = xcalloc(table->room, sizeof(table->slots[0]));
	for (size_t i = 0; i < room; i++)
		if (slots[i].hash != 0)
			*find_slot(table, slots[i].hash) = slots[i];
	free(slots);
}

uint32_t *
id_table_find(struct id_table *table, const char *id, size_t size)
{
	uint64_t hash = id_table_hash(table, id, size, false);
	struct id_slot *slot = find_slot(table, hash);

	if (slot->hash == hash)
		return &slot->number;
	if (2 * ++table->count > table->room) {
		double_room(table);
		slot = find_slot(table, hash);
	}
	*slot = (struct id_slot){ hash, ID_TABLE_FREE };
	return &slot->number;
}

bool
id_table_has(const struct id_table *table, const char *id, size_t size)
{
	return table->count > 0 &&
	    find_slot(table, id_table_hash(table, id, size, false))->hash != 0;
}
