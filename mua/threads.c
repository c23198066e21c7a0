/*
 * threads.c - links messages into trees, and lists the trees.
 *
 * Everything is a loop: a stranger decides how deep a thread is.  And nothing
 * costs more than a thread is long: who is above whom is asked of sets that are
 * joined (a union-find), not by climbing.
 */
#include "mua/threads.h"

#include "mua/subject.h"

#include <stdlib.h>
#include <string.h>

/* Entries found by a hash; as many places as twice the entries at least. */
struct table {
	uint32_t *places; /* an entry, or THREAD_NONE */
	uint64_t *hashes;
	size_t mask;
};

struct linker {
	const struct mailbox *mailbox;
	struct thread_node *nodes;
	uint32_t *tops; /* an entry further up, in the end the top itself */
	struct table table;
};

static void
table_init(struct table *table, size_t count)
{
	size_t size = 16;

	while (size < 2 * count)
		size *= 2;
	table->mask = size - 1;
	table->places = xmalloc(size * sizeof(*table->places));
	table->hashes = xmalloc(size * sizeof(*table->hashes));
	memset(table->places, 0xff, size * sizeof(*table->places));
}

static void
table_clear(struct table *table)
{
	free(table->places);
	free(table->hashes);
}

/* Where HASH is, or where it would be put. */
static size_t
table_find(const struct table *table, uint64_t hash)
{
	size_t at = (size_t)(hash ^ hash >> 32) & table->mask;

	while (table->places[at] != THREAD_NONE && table->hashes[at] != hash)
		at = (at + 1) & table->mask;
	return at;
}

/* The first entry with a hash keeps it. */
static void
table_add(struct table *table, uint64_t hash, uint32_t entry)
{
	size_t at = table_find(table, hash);

	if (table->places[at] != THREAD_NONE)
		return;
	table->places[at] = entry;
	table->hashes[at] = hash;
}

static uint32_t
find_top(uint32_t *tops, uint32_t i)
{
	while (tops[i] != i) {
		tops[i] = tops[tops[i]];
		i = tops[i];
	}
	return i;
}

/* Makes PARENT the parent of I, which has none, unless it is below I. */
static bool
adopt(struct linker *linker, uint32_t i, uint32_t parent)
{
	if (parent == THREAD_NONE || find_top(linker->tops, parent) == i)
		return false;
	linker->nodes[i].parent = parent;
	linker->tops[i] = parent;
	return true;
}

static void
link_references(struct linker *linker)
{
	const struct mailbox *mailbox = linker->mailbox;
	struct table *table = &linker->table;

	table_init(table, mailbox->count);
	for (uint32_t i = 0; i < mailbox->count; i++)
		if (mailbox->entries[i].id != 0)
			table_add(table, mailbox->entries[i].id, i);
	for (uint32_t i = 0; i < mailbox->count; i++) {
		const uint64_t *id = mailbox->entries[i].ancestors;

		while (*id != 0 &&
		    !adopt(linker, i, table->places[table_find(table, *id)]))
			id++;
	}
	table_clear(table);
}

/* Below the thread's oldest message, as the index has it. */
static void
link_by_index(struct linker *linker, uint32_t i)
{
	const struct mailbox *mailbox = linker->mailbox;
	const struct mailbox_entry *entry = &mailbox->entries[i];
	const struct mailbox_entry *oldest =
	    mailbox_by_uid(mailbox, entry->thread);

	if (oldest != NULL && oldest != entry &&
	    adopt(linker, i, (uint32_t)(oldest - mailbox->entries)))
		linker->nodes[i].by_subject = entry->ancestors[0] == 0;
}

/* Below the first message with that subject, if this says it answers. */
static void
link_by_subject(struct linker *linker, uint32_t i, uint64_t hash, bool answers)
{
	struct table *table = &linker->table;

	if (answers && adopt(linker, i, table->places[table_find(table, hash)]))
		linker->nodes[i].by_subject = true;
	else
		table_add(table, hash, i);
}

static void
link_subjects(struct linker *linker)
{
	const struct mailbox *mailbox = linker->mailbox;

	table_init(&linker->table, mailbox->count);
	for (uint32_t i = 0; i < mailbox->count; i++) {
		bool answers;
		uint64_t hash;

		if (linker->nodes[i].parent != THREAD_NONE)
			continue;
		if (mailbox->entries[i].thread != 0) {
			link_by_index(linker, i);
			continue;
		}
		hash = subject_hash(mailbox->entries[i].subject, &answers);
		if (hash != 0)
			link_by_subject(linker, i, hash, answers);
	}
	table_clear(&linker->table);
}

/* Takes out of the way up from I what the limit hides. */
static void
skip_limited(const struct mailbox *mailbox, struct thread_node *nodes,
    uint32_t i)
{
	uint32_t parent = nodes[i].parent;
	uint32_t shown = parent;

	while (shown != THREAD_NONE && mailbox->entries[shown].limited)
		shown = nodes[shown].parent;
	nodes[i].parent = shown;
	while (parent != shown) {
		uint32_t above = nodes[parent].parent;

		nodes[parent].parent = shown;
		parent = above;
	}
}

/* Children in order of arrival; sizes of the threads. */
static void
link_children(struct linker *linker)
{
	const struct mailbox *mailbox = linker->mailbox;
	struct thread_node *nodes = linker->nodes;

	for (uint32_t i = 0; i < mailbox->count; i++) {
		skip_limited(mailbox, nodes, i);
		linker->tops[i] =
		    nodes[i].parent == THREAD_NONE ? i : nodes[i].parent;
	}
	for (uint32_t i = (uint32_t)mailbox->count; i-- > 0;) {
		const struct mailbox_entry *entry = &mailbox->entries[i];
		struct thread_node *top = &nodes[find_top(linker->tops, i)];
		uint32_t parent = nodes[i].parent;

		if (entry->limited)
			continue;
		top->size++;
		if (top->latest < entry->received)
			top->latest = entry->received;
		if (parent == THREAD_NONE)
			continue;
		nodes[i].next = nodes[parent].child;
		nodes[parent].child = i;
	}
}

struct thread_node *
threads_build(const struct mailbox *mailbox)
{
	size_t count = mailbox->count;
	struct linker linker = {
		.mailbox = mailbox,
		.nodes = xcalloc(count + 1, sizeof(*linker.nodes)),
		.tops = xcalloc(count + 1, sizeof(*linker.tops)),
	};

	for (uint32_t i = 0; i < count; i++) {
		linker.tops[i] = i;
		linker.nodes[i].parent = THREAD_NONE;
		linker.nodes[i].child = THREAD_NONE;
		linker.nodes[i].next = THREAD_NONE;
	}
	link_references(&linker);
	link_subjects(&linker);
	link_children(&linker);
	free(linker.tops);
	return linker.nodes;
}
