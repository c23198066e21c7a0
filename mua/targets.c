/*
 * targets.c - the messages that an operation is for.
 */
#include "mua/targets.h"

#include "mua/thread_tree.h"

#include <stdlib.h>

/* Also those in collapsed threads, which have no row: then as they came. */
static void
add_tagged(const struct mailbox *mailbox, struct targets *targets)
{
	bool by_row = mailbox->threads == NULL;
	size_t count = by_row ? mailbox->row_count : mailbox->count;

	for (size_t i = 0; i < count; i++) {
		size_t at = by_row ? mailbox->rows[i] : i;

		if (mailbox->entries[at].tagged &&
		    !mailbox->entries[at].limited)
			targets->items[targets->count++] = at;
	}
}

void
targets_find(const struct ui *ui, struct targets *targets_out)
{
	const struct mailbox *mailbox = ui->mailbox;
	struct targets targets = { 0 };

	targets.items = xcalloc(mailbox->count + 1, sizeof(size_t));
	if (!ui->on_tagged)
		targets.items[targets.count++] = mailbox->current;
	else
		add_tagged(mailbox, &targets);
	*targets_out = targets;
}

void
targets_clear(struct targets *targets)
{
	free(targets->items);
	*targets = (struct targets){ 0 };
}

void
targets_thread(const struct ui *ui, struct targets *targets_out)
{
	const struct mailbox *mailbox = ui->mailbox;
	uint32_t root = (uint32_t)thread_tree_root(mailbox, mailbox->current);
	struct targets targets = {
		.items =
		    xcalloc(mailbox->threads[root].size + 1, sizeof(size_t)),
	};

	for (uint32_t i = root; i != THREAD_NONE;
	     i = thread_tree_next(mailbox->threads, root, i))
		targets.items[targets.count++] = i;
	*targets_out = targets;
}

void
targets_name(const struct targets *targets, struct buf *to)
{
	if (targets->count == 1)
		buf_addstr(to, "the message");
	else
		buf_printf(to, "%zu messages", targets->count);
}
