/*
 * threads.c - which messages belong together, and which answers which.
 *
 * Every id that is named, of a message that is here or not, is a node with at
 * most one parent.  First each message is linked to the last of its
 * references, of which it knows best; then the lists of references link what
 * has no parent yet.  A link joins two trees, and only the root of one gets a
 * parent, so no circle can come about; sets (union-find) tell trees apart.
 */
#include "maildir/threads.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "maildir/base_subject.h"
#include "maildir/id_table.h"

static const uint32_t NONE = UINT32_MAX;

struct node {
	uint32_t parent;  /* a node, or NONE */
	uint32_t set;     /* towards the node that stands for its tree */
	uint32_t message; /* with this id, or NONE */
};

struct message {
	int64_t uid;
	int64_t parent; /* uid */
	uint32_t node;
	bool reply;       /* by its subject */
	uint64_t subject; /* hash of its base subject, 0 without */
};

/* "B follows A" in a list of references: a link if B has no other. */
struct hint {
	uint32_t above;
	uint32_t below;
};

struct threads {
	struct id_table ids; /* to nodes */
	struct node *nodes;
	size_t nodes_count, nodes_room;
	struct message *messages;
	size_t count, room;
	struct hint *hints;
	size_t hints_count, hints_room;
	int64_t *oldest; /* by node: the least uid of the set it stands for */
};

/* Room for one more of SIZE bytes in *LIST. */
static void *
grow(void *list, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return list;
	*room = *room == 0 ? 64 : *room * 2;
	return xrealloc(list, *room * size);
}

static uint32_t
add_node(struct threads *threads)
{
	uint32_t number = (uint32_t)threads->nodes_count++;

	threads->nodes = grow(threads->nodes, number, &threads->nodes_room,
	    sizeof(threads->nodes[0]));
	threads->nodes[number] = (struct node){ NONE, number, NONE };
	return number;
}

/* The node of an id. */
static uint32_t
find_node(struct threads *threads, const char *id, size_t size)
{
	uint32_t *number = id_table_find(&threads->ids, id, size);

	if (*number == ID_TABLE_FREE)
		*number = add_node(threads);
	return *number;
}

static uint32_t
find_set(struct threads *threads, uint32_t node)
{
	struct node *nodes = threads->nodes;

	while (nodes[node].set != node) {
		nodes[node].set = nodes[nodes[node].set].set;
		node = nodes[node].set;
	}
	return node;
}

/* BELOW, a root, gets a parent, unless that is below it. */
static void
link_nodes(struct threads *threads, uint32_t above, uint32_t below)
{
	uint32_t set = find_set(threads, above);
	uint32_t other = find_set(threads, below);

	if (threads->nodes[below].parent != NONE || set == other)
		return;
	threads->nodes[below].parent = above;
	threads->nodes[other].set = set;
}

static void
add_hint(struct threads *threads, uint32_t above, uint32_t below)
{
	threads->hints = grow(threads->hints, threads->hints_count,
	    &threads->hints_room, sizeof(threads->hints[0]));
	threads->hints[threads->hints_count++] = (struct hint){ above, below };
}

/* Reads the ids in LIST; returns the last that is not SELF, or NONE. */
static uint32_t
read_references(struct threads *threads, const char *list, uint32_t self)
{
	uint32_t last = NONE;

	while (*list != '\0') {
		size_t size = strcspn(list, " ");

		if (size > 0) {
			uint32_t node = find_node(threads, list, size);

			if (node != self && last != NONE && last != node)
				add_hint(threads, last, node);
			if (node != self)
				last = node;
		}
		list += size + (list[size] == ' ');
	}
	return last;
}

/* A second message with the same id is a node of its own, below the first. */
static uint32_t
message_node(struct threads *threads, const char *id, uint32_t *twin_out)
{
	uint32_t node;

	*twin_out = NONE;
	if (*id == '\0')
		return add_node(threads);
	node = find_node(threads, id, strlen(id));
	if (threads->nodes[node].message == NONE)
		return node;
	*twin_out = node;
	return add_node(threads);
}

static void
read_subject(struct threads *threads, const char *subject,
    struct message *message)
{
	struct base_subject base = base_subject_of(subject);

	message->reply = base.reply;
	if (base.size > 0)
		message->subject =
		    id_table_hash(&threads->ids, base.text, base.size, true);
}

void
threads_add(struct threads *threads, const struct threads_message *message)
{
	struct message added = { .uid = message->uid };
	uint32_t twin;
	uint32_t above;

	added.node = message_node(threads, message->message_id, &twin);
	threads->nodes[added.node].message = (uint32_t)threads->count;
	read_subject(threads, message->subject, &added);
	above = read_references(threads, message->references, added.node);
	if (above == NONE)
		above =
		    read_references(threads, message->in_reply_to, added.node);
	if (above == NONE)
		above = twin;
	if (above != NONE)
		link_nodes(threads, above, added.node);
	threads->messages = grow(threads->messages, threads->count,
	    &threads->room, sizeof(threads->messages[0]));
	threads->messages[threads->count++] = added;
}

struct threads *
threads_new(void)
{
	struct threads *threads = xcalloc(1, sizeof(*threads));

	id_table_init(&threads->ids);
	return threads;
}

void
threads_free(struct threads *threads)
{
	if (threads == NULL)
		return;
	id_table_clear(&threads->ids);
	free(threads->nodes);
	free(threads->messages);
	free(threads->hints);
	free(threads->oldest);
	free(threads);
}

/*
 * The nearest node above that is a message, or NONE.  Those on the way are
 * linked to it, so that the way is not gone twice.
 */
static uint32_t
find_parent(struct threads *threads, uint32_t node)
{
	struct node *nodes = threads->nodes;
	uint32_t found = nodes[node].parent;

	while (found != NONE && nodes[found].message == NONE)
		found = nodes[found].parent;
	for (uint32_t at = nodes[node].parent; at != found;) {
		uint32_t next = nodes[at].parent;

		nodes[at].parent = found;
		at = next;
	}
	return found;
}

/* Those without a parent here, by subject and age. */
static int
compare_tops(const void *a, const void *b)
{
	const struct message *first = *(struct message *const *)a;
	const struct message *second = *(struct message *const *)b;

	if (first->subject != second->subject)
		return first->subject < second->subject ? -1 : 1;
	return (first->uid > second->uid) - (first->uid < second->uid);
}

static void
join_sets(struct threads *threads, const struct message *a,
    const struct message *b)
{
	uint32_t set = find_set(threads, a->node);

	threads->nodes[find_set(threads, b->node)].set = set;
}

/*
 * COUNT messages of one subject, none with a parent.  An answer goes below the
 * last one before it that is none, else below the first behind it; answers
 * alone stand side by side.
 */
static void
join_subject(struct threads *threads, struct message **tops, size_t count)
{
	const struct message *asked = NULL;

	for (size_t i = 0; i < count && asked == NULL; i++)
		asked = tops[i]->reply ? NULL : tops[i];
	for (size_t i = 0; i < count; i++) {
		if (!tops[i]->reply) {
			asked = tops[i];
			continue;
		}
		if (asked != NULL &&
		    find_set(threads, asked->node) !=
			find_set(threads, tops[i]->node))
			tops[i]->parent = asked->uid;
		join_sets(threads, asked != NULL ? asked : tops[0], tops[i]);
	}
}

static void
join_subjects(struct threads *threads)
{
	struct message **tops =
	    xcalloc(threads->count + 1, sizeof(struct message *));
	size_t count = 0;

	for (size_t i = 0; i < threads->count; i++)
		if (threads->messages[i].parent == 0 &&
		    threads->messages[i].subject != 0)
			tops[count++] = &threads->messages[i];
	qsort(tops, count, sizeof(struct message *), compare_tops);
	for (size_t i = 0; i < count;) {
		size_t n = 1;

		while (
		    i + n < count && tops[i + n]->subject == tops[i]->subject)
			n++;
		join_subject(threads, &tops[i], n);
		i += n;
	}
	free(tops);
}

void
threads_settle(struct threads *threads)
{
	for (size_t i = 0; i < threads->hints_count; i++)
		link_nodes(threads, threads->hints[i].above,
		    threads->hints[i].below);
	for (size_t i = 0; i < threads->count; i++) {
		struct message *message = &threads->messages[i];
		uint32_t above = find_parent(threads, message->node);

		if (above != NONE)
			message->parent =
			    threads->messages[threads->nodes[above].message]
				.uid;
	}
	join_subjects(threads);
	threads->oldest =
	    xcalloc(threads->nodes_count + 1, sizeof(threads->oldest[0]));
	for (size_t i = 0; i < threads->count; i++) {
		int64_t *oldest =
		    &threads
			 ->oldest[find_set(threads, threads->messages[i].node)];

		if (*oldest == 0 || threads->messages[i].uid < *oldest)
			*oldest = threads->messages[i].uid;
	}
}

size_t
threads_count(const struct threads *threads)
{
	return threads->count;
}

struct threads_place
threads_place(struct threads *threads, size_t i)
{
	const struct message *message = &threads->messages[i];

	return (struct threads_place){
		.uid = message->uid,
		.thread = threads->oldest[find_set(threads, message->node)],
		.parent = message->parent,
	};
}
