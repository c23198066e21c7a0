/*
 * index_threads.c - the order of the list, and what is done to whole threads.
 */
#include "mua/index_view.h"
#include "mua/mailbox_rows.h"
#include "mua/progress.h"
#include "mua/prompt.h"
#include "mua/targets.h"
#include "mua/thread_tree.h"

#include <string.h>

static const struct {
	char letters[4]; /* as mutt's */
	enum sort sort;
	const char *name;
} orders[] = {
	/* clang-format off */
	{ "dD",  SORT_DATE,    "date" },
	{ "fF",  SORT_FROM,    "sender" },
	{ "sS",  SORT_SUBJECT, "subject" },
	{ "zZ",  SORT_SIZE,    "size" },
	{ "tT",  SORT_THREADS, "thread" },
	{ "aru", SORT_ARRIVAL, "arrival" },
	/* clang-format on */
};

const char *
list_order_name(enum sort sort)
{
	for (size_t i = 0; i < COUNT(orders); i++)
		if (orders[i].sort == sort)
			return orders[i].name;
	return "";
}

/* Sorts the list; without an index that may take long, and be broken off. */
static void
sort_by(struct ui *ui, size_t order, bool reverse)
{
	struct mailbox *mailbox = ui->mailbox;
	struct progress progress;

	progress_begin(&progress, ui, "Reading headers");
	if (orders[order].sort != SORT_ARRIVAL &&
	    orders[order].sort != SORT_SIZE &&
	    !mailbox_read_all(mailbox, progress_step, &progress)) {
		ui_complain(ui, "Broken off: the order is as it was");
		return;
	}
	mailbox->sort = orders[order].sort;
	mailbox->reverse = reverse;
	mailbox_arrange(mailbox);
	ui_say(ui, "Sorted by %s%s", orders[order].name,
	    reverse ? ", reversed" : "");
}

static void
ask_order(struct ui *ui, bool reverse)
{
	struct buf question = BUF_INIT;
	int answer;

	buf_addstr(&question, reverse ? "Reverse sort: " : "Sort: ");
	buf_addstr(&question,
	    "(d)ate (f)rom (s)ubject si(z)e (t)hread (a)rrival ");
	answer = prompt_choice(ui, question.data, "dDfFsSzZtTaru");
	buf_clear(&question);
	for (size_t i = 0; answer != 0 && i < COUNT(orders); i++)
		if (strchr(orders[i].letters, answer) != NULL)
			sort_by(ui, i, reverse);
}

void
list_sort(struct view *view, int key)
{
	(void)key;
	ask_order(view->ui, false);
}

void
list_sort_reverse(struct view *view, int key)
{
	(void)key;
	ask_order(view->ui, true);
}

const char *
list_needs_threads(struct view *view)
{
	if (view->ui->mailbox->count == 0)
		return "There is no message here";
	if (view->ui->mailbox->threads == NULL)
		return "Threads are not shown: o and t show them";
	return NULL;
}

void
list_collapse(struct view *view, int key)
{
	struct mailbox *mailbox = view->ui->mailbox;
	size_t root = thread_tree_root(mailbox, mailbox->current);

	(void)key;
	if (mailbox->threads[root].size < 2) {
		ui_say(view->ui, "Nobody has answered this message");
		return;
	}
	mailbox->entries[root].collapsed ^= true;
	mailbox_arrange(mailbox);
}

/* All are expanded again where one is collapsed. */
void
list_collapse_all(struct view *view, int key)
{
	struct mailbox *mailbox = view->ui->mailbox;
	bool collapse = true;

	(void)key;
	for (size_t i = 0; i < mailbox->count; i++)
		collapse &= !mailbox->entries[i].collapsed;
	for (size_t i = 0; i < mailbox->count; i++)
		mailbox->entries[i].collapsed = collapse &&
		    mailbox->threads[i].parent == THREAD_NONE &&
		    mailbox->threads[i].size > 1;
	mailbox_arrange(mailbox);
}

/* To the next first message of a thread in DIRECTION. */
static void
go_to_root(struct view *view, long direction)
{
	struct mailbox *mailbox = view->ui->mailbox;
	size_t at = thread_tree_root(mailbox, mailbox->current);

	if (direction < 0 && at != mailbox->current) {
		mailbox->current = at;
		return;
	}
	at = mailbox->current;
	while (mailbox_neighbour(mailbox, at, direction, &at)) {
		if (mailbox->threads[at].parent == THREAD_NONE) {
			mailbox->current = at;
			return;
		}
	}
	ui_say(view->ui, "There are no more threads");
}

void
list_next_thread(struct view *view, int key)
{
	(void)key;
	go_to_root(view, 1);
}

void
list_previous_thread(struct view *view, int key)
{
	(void)key;
	go_to_root(view, -1);
}

void
list_parent(struct view *view, int key)
{
	struct mailbox *mailbox = view->ui->mailbox;
	uint32_t parent = mailbox->threads[mailbox->current].parent;

	(void)key;
	if (parent == THREAD_NONE)
		ui_say(view->ui, "This message answers none that is here");
	else
		mailbox->current = parent;
}

/* Tags the thread, or takes the tags away where all of it has them. */
void
list_tag_thread(struct view *view, int key)
{
	struct mailbox *mailbox = view->ui->mailbox;
	struct targets thread;
	bool tag = false;

	(void)key;
	targets_thread(view->ui, &thread);
	for (size_t i = 0; i < thread.count; i++)
		tag |= !mailbox->entries[thread.items[i]].tagged;
	for (size_t i = 0; i < thread.count; i++)
		mailbox->entries[thread.items[i]].tagged = tag;
	targets_clear(&thread);
}

static void
mark_thread_deleted(struct view *view, bool deleted)
{
	struct ui *ui = view->ui;
	struct targets thread;

	targets_thread(ui, &thread);
	for (size_t i = 0; i < thread.count; i++)
		mailbox_mark_deleted(ui->mailbox, thread.items[i], deleted);
	ui_say(ui, "%zu %s", thread.count,
	    deleted ? "marked for removal" : "will be kept");
	targets_clear(&thread);
}

void
list_delete_thread(struct view *view, int key)
{
	(void)key;
	mark_thread_deleted(view, true);
}

void
list_undelete_thread(struct view *view, int key)
{
	(void)key;
	mark_thread_deleted(view, false);
}

void
list_read_thread(struct view *view, int key)
{
	struct ui *ui = view->ui;
	struct targets thread;
	size_t failed = 0;

	(void)key;
	targets_thread(ui, &thread);
	for (size_t i = 0; i < thread.count; i++)
		failed += mailbox_set_flag(ui->mailbox, thread.items[i], 'S',
			      true) == -1;
	if (failed > 0)
		ui_complain(ui, "%zu could not be marked as read", failed);
	targets_clear(&thread);
}
