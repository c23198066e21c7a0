/*
 * thread_tree_list.c - threads in the order in which they are shown, and the
 * lines that are drawn for them.
 */
#include "mua/thread_tree.h"

#include <stdlib.h>

struct root {
	int64_t latest;
	uint32_t entry;
};

static int
compare_roots(const void *a, const void *b)
{
	const struct root *first = a;
	const struct root *second = b;

	if (first->latest != second->latest)
		return first->latest < second->latest ? -1 : 1;
	return first->entry < second->entry ? -1 : 1;
}

uint32_t
thread_tree_next(const struct thread_node *nodes, uint32_t root, uint32_t i)
{
	if (nodes[i].child != THREAD_NONE)
		return nodes[i].child;
	while (i != root && nodes[i].next == THREAD_NONE)
		i = nodes[i].parent;
	return i == root ? THREAD_NONE : nodes[i].next;
}

size_t
thread_tree_list(const struct mailbox *mailbox, uint32_t *rows)
{
	const struct thread_node *nodes = mailbox->threads;
	struct root *roots = xcalloc(mailbox->count + 1, sizeof(*roots));
	size_t count = 0;
	size_t n = 0;

	for (uint32_t i = 0; i < mailbox->count; i++)
		if (nodes[i].parent == THREAD_NONE &&
		    !mailbox->entries[i].limited)
			roots[count++] = (struct root){ nodes[i].latest, i };
	qsort(roots, count, sizeof(*roots), compare_roots);
	for (size_t i = 0; i < count; i++) {
		uint32_t root =
		    roots[mailbox->reverse ? count - 1 - i : i].entry;
		uint32_t at = root;

		do {
			rows[n++] = at;
			at = thread_tree_next(nodes, root, at);
		} while (
		    at != THREAD_NONE && !mailbox->entries[root].collapsed);
	}
	free(roots);
	return n;
}

size_t
thread_tree_root(const struct mailbox *mailbox, size_t i)
{
	while (mailbox->threads[i].parent != THREAD_NONE)
		i = mailbox->threads[i].parent;
	return i;
}

void
thread_tree_draw(const struct mailbox *mailbox, size_t i, int columns,
    struct buf *to)
{
	enum { LEVELS_MAX = 64 };
	const struct thread_node *nodes = mailbox->threads;
	const char *levels[LEVELS_MAX];
	int count = 0;
	uint32_t at = (uint32_t)i;

	if (columns / 2 > LEVELS_MAX)
		columns = 2 * LEVELS_MAX;
	if (nodes[at].parent == THREAD_NONE || columns < 2)
		return;
	levels[count++] =
	    nodes[at].next == THREAD_NONE ? "\u2514\u2500" : "\u251c\u2500";
	for (at = nodes[at].parent;
	     nodes[at].parent != THREAD_NONE && 2 * (count + 1) < columns;
	     at = nodes[at].parent)
		levels[count++] =
		    nodes[at].next == THREAD_NONE ? "  " : "\u2502 ";
	while (count > 0)
		buf_addstr(to, levels[--count]);
	buf_addstr(to, nodes[i].by_subject ? "*>" : ">");
}
