/* name_set.c - the messages of a mailbox by their base: open addressing. */
#include "maildir/name_set.h"

#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "maildir/maildir_name.h"

struct name_entry {
	char *name; /* NULL: free */
	bool in_new;
};

/* FNV-1a of the base.  Who makes them meet only waits longer himself. */
static size_t
hash_base(const char *name)
{
	struct maildir_name parsed;
	uint64_t hash = 14695981039346656037U;

	maildir_parse_name(name, &parsed);
	for (size_t i = 0; i < parsed.base; i++)
		hash = (hash ^ (unsigned char)name[i]) * 1099511628211U;
	return (size_t)(hash ^ hash >> 32);
}

/* Where it is, or would be. */
static struct name_entry *
find_place(const struct name_set *set, const char *name)
{
	size_t i = hash_base(name) & (set->room - 1);

	while (set->entries[i].name != NULL &&
	    !maildir_name_equal(set->entries[i].name, name))
		i = (i + 1) & (set->room - 1);
	return &set->entries[i];
}

static void
grow(struct name_set *set)
{
	struct name_set bigger = { .count = set->count,
		.room = set->room == 0 ? 64 : set->room * 2 };

	bigger.entries = xcalloc(bigger.room, sizeof(bigger.entries[0]));
	for (size_t i = 0; i < set->room; i++)
		if (set->entries[i].name != NULL)
			*find_place(&bigger, set->entries[i].name) =
			    set->entries[i];
	free(set->entries);
	*set = bigger;
}

bool
name_set_add(struct name_set *set, bool in_new, const char *name)
{
	struct name_entry *place;

	if (set->count * 2 >= set->room)
		grow(set);
	place = find_place(set, name);
	if (place->name != NULL)
		return false;
	*place = (struct name_entry){ xstrdup(name), in_new };
	set->count++;
	return true;
}

const char *
name_set_find(const struct name_set *set, const char *name, bool *in_new_out)
{
	const struct name_entry *place;

	if (set->room == 0)
		return NULL;
	place = find_place(set, name);
	*in_new_out = place->in_new;
	return place->name;
}

static int
add_seen(void *arg, bool in_new, const char *name)
{
	name_set_add(arg, in_new, name);
	return 0;
}

int
name_set_load(struct name_set *set, const struct maildir *maildir)
{
	return maildir_scan(maildir, add_seen, set);
}

void
name_set_clear(struct name_set *set)
{
	for (size_t i = 0; i < set->room; i++)
		free(set->entries[i].name);
	free(set->entries);
	memset(set, 0, sizeof(*set));
}
