/*
 * index_move.c - the cursor in the list.
 */
#include "mua/index_view.h"
#include "mua/mailbox_rows.h"
#include "mua/prompt.h"
#include "mua/views.h"

#include <limits.h>
#include <stdlib.h>

static void
move_by(struct view *view, long steps)
{
	if (!mailbox_move(view->ui->mailbox, steps))
		ui_say(view->ui,
		    steps > 0 ? "This is the last message"
			      : "This is the first message");
}

void
list_next(struct view *view, int key)
{
	(void)key;
	move_by(view, 1);
}

void
list_previous(struct view *view, int key)
{
	(void)key;
	move_by(view, -1);
}

static long
page_size(struct view *view)
{
	int height = ((struct index_view *)view)->height;

	return height > 1 ? height : 1;
}

void
list_next_page(struct view *view, int key)
{
	(void)key;
	move_by(view, page_size(view));
}

void
list_previous_page(struct view *view, int key)
{
	(void)key;
	move_by(view, -page_size(view));
}

void
list_first(struct view *view, int key)
{
	(void)key;
	mailbox_move(view->ui->mailbox, -LONG_MAX);
}

void
list_last(struct view *view, int key)
{
	(void)key;
	mailbox_move(view->ui->mailbox, LONG_MAX);
}

/* The next message not read yet, from the top again after the last. */
void
list_next_unread(struct view *view, int key)
{
	struct mailbox *mailbox = view->ui->mailbox;
	size_t row = mailbox_row(mailbox);

	(void)key;
	for (size_t i = 1; i <= mailbox->row_count; i++) {
		size_t at = mailbox->rows[(row + i) % mailbox->row_count];

		if (!mailbox_has_flag(&mailbox->entries[at], 'S')) {
			mailbox->current = at;
			return;
		}
	}
	ui_say(view->ui, "Everything is read");
}

static void
go_to(struct view *view, const char *number)
{
	struct mailbox *mailbox = view->ui->mailbox;
	char *end;
	unsigned long wanted = strtoul(number, &end, 10);

	if (*end != '\0' || wanted < 1 || wanted > mailbox->count)
		ui_complain(view->ui, "There is no message %s", number);
	else if (mailbox->entries[wanted - 1].row == MAILBOX_NO_ROW)
		ui_complain(view->ui, "Message %s is not shown", number);
	else
		mailbox->current = wanted - 1;
}

void
list_jump(struct view *view, int key)
{
	struct buf number = BUF_INIT;

	buf_addchar(&number, (char)key);
	if (prompt_line(view->ui, "Go to message: ", &number) &&
	    number.size > 0)
		go_to(view, number.data);
	buf_clear(&number);
}

/* A click selects; on what is selected already it opens. */
void
list_click(struct view *view, int key)
{
	struct index_view *list = (struct index_view *)view;
	struct mailbox *mailbox = view->ui->mailbox;
	int row = view->ui->terminal->click_row - VIEW_TOP_ROW;
	size_t at = list->top + (size_t)row;

	(void)key;
	if (row < 0 || row >= list->height || at >= mailbox->row_count)
		return;
	if (mailbox->current == mailbox->rows[at])
		pager_open(view->ui, false);
	else
		mailbox->current = mailbox->rows[at];
}
