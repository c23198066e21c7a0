/*
 * thread_tree.c - links messages into trees, and lists the trees.
 *
 * Everything is a loop: a stranger decides how deep a thread is.  And nothing
 * costs more than a thread is long: who is above whom is asked of sets that are
 * joined (a union-find), not by climbing.
 */
#include "mua/thread_tree.h"

#include <stdlib.h>

struct linker {
	const struct mailbox *mailbox;
	struct thread_node *nodes;
	uint32_t *tops; /* an entry further up, in the end the top itself */
};

static uint32_t
find_top(uint32_t *tops, uint32_t i)
{
	while (tops[i] != i) {
		tops[i] = tops[tops[i]];
		i = tops[i];
	}
	return i;
}

/*
 * Makes the message with UID the parent of I, which has none, unless it is
 * below I: the index is a file that anybody may have edited.
 */
static void
adopt(struct linker *linker, uint32_t i, int64_t uid)
{
	const struct mailbox *mailbox = linker->mailbox;
	const struct mailbox_entry *entry = mailbox_by_uid(mailbox, uid);
	uint32_t parent;

	if (entry == NULL)
		return;
	parent = (uint32_t)(entry - mailbox->entries);
	if (find_top(linker->tops, parent) == i)
		return;
	linker->nodes[i].parent = parent;
	linker->tops[i] = parent;
}

static void
link_parents(struct linker *linker)
{
	const struct mailbox *mailbox = linker->mailbox;

	for (uint32_t i = 0; i < mailbox->count; i++)
		adopt(linker, i, mailbox->entries[i].parent);
	for (uint32_t i = 0; i < mailbox->count; i++) {
		struct thread_node *node = &linker->nodes[i];

		if (node->parent == THREAD_NONE)
			adopt(linker, i, mailbox->entries[i].thread);
		node->by_subject = !mailbox->entries[i].refers;
	}
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
thread_tree_build(const struct mailbox *mailbox)
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
	link_parents(&linker);
	link_children(&linker);
	free(linker.tops);
	return linker.nodes;
}
