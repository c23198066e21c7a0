/*
 * index_view.c - the list of messages: the first thing a person sees.
 *
 * The cursor is the mailbox's current message, so that the pager, which moves
 * it too, leaves it where the reader stopped.  What the keys do is in
 * index_keys.c.
 */
#include "mua/index_view.h"
#include "mua/answer_keys.h"

#include "mua/cursor.h"
#include "mua/index_row.h"
#include "mua/mail_keys.h"
#include "mua/mailbox_rows.h"
#include "mua/views.h"
#include "mua/write_keys.h"

#include <errno.h>
#include <stdlib.h>

/* clang-format off */
static const struct key_table *const tables[] = {
	&index_main_keys, &write_keys, &answer_keys, &index_message_keys, &index_find_keys,
	&index_thread_keys, &index_move_keys, &mail_keys,
	&ui_common_keys, NULL,
};
/* clang-format on */

static enum style
row_style(const struct mailbox *mailbox, size_t i)
{
	const struct mailbox_entry *entry = &mailbox->entries[i];

	if (i == mailbox->current)
		return STYLE_SELECTED;
	if (entry->deleted)
		return STYLE_DELETED;
	if (!mailbox_has_flag(entry, 'S') && !mailbox->is_file)
		return STYLE_NEW;
	return STYLE_NORMAL;
}

static void
draw(struct view *view, struct screen_text *screen)
{
	struct index_view *list = (struct index_view *)view;
	struct mailbox *mailbox = view->ui->mailbox;

	list->height = view_height(screen);
	list->row = mailbox_row(mailbox);
	list->top =
	    cursor_top(list->top, list->row, mailbox->row_count, list->height);
	for (int i = 0; i < list->height; i++) {
		size_t row = list->top + (size_t)i;
		size_t at;

		if (row >= mailbox->row_count)
			break;
		at = mailbox->rows[row];
		index_row_draw(view->ui, at, VIEW_TOP_ROW + i,
		    row_style(mailbox, at));
		if (at == mailbox->current)
			screen->cursor_row = VIEW_TOP_ROW + i;
	}
	if (mailbox->count == 0 && list->height > 0)
		screen_add(screen, VIEW_TOP_ROW, STYLE_NORMAL,
		    "No mail here. What arrives is shown by itself.");
}

static size_t
count_tagged(const struct mailbox *mailbox)
{
	size_t n = 0;

	for (size_t i = 0; i < mailbox->count; i++)
		n += mailbox->entries[i].tagged;
	return n;
}

static void
status(struct view *view, struct buf *left, struct buf *right)
{
	const struct index_view *list = (struct index_view *)view;
	struct mailbox *mailbox = view->ui->mailbox;
	size_t unread = mailbox_unread(mailbox);
	size_t deleted = mailbox_deleted(mailbox);
	size_t tagged = count_tagged(mailbox);

	buf_printf(left, "%s: %zu message%s", mailbox->path, mailbox->count,
	    mailbox->count == 1 ? "" : "s");
	if (unread > 0)
		buf_printf(left, ", %zu new", unread);
	if (tagged > 0)
		buf_printf(left, ", %zu tagged", tagged);
	if (deleted > 0)
		buf_printf(left, ", %zu to remove", deleted);
	if (list->limit.size > 0)
		buf_printf(left, ", limit: %s", list->limit.data);
	buf_addchar(left, ' ');
	if (mailbox->sort != SORT_ARRIVAL || mailbox->reverse)
		buf_printf(right, " by %s%s", list_order_name(mailbox->sort),
		    mailbox->reverse ? ", reversed" : "");
	if (mailbox->count > 0)
		buf_printf(right, " %zu/%zu", mailbox_row(mailbox) + 1,
		    mailbox->row_count);
}

/* The cursor stays where it is on the screen, whatever came above it. */
static void
reloaded(struct view *view)
{
	struct index_view *list = (struct index_view *)view;
	size_t row;

	list_limit_arrivals(list);
	row = mailbox_row(view->ui->mailbox);
	if (list->top + row >= list->row)
		list->top = list->top + row - list->row;
}

static void
free_view(struct view *view)
{
	struct index_view *list = (struct index_view *)view;

	buf_clear(&list->limit);
	free(list);
}

static const struct view_class class = {
	.name = "the list",
	.tables = tables,
	.draw = draw,
	.status = status,
	.reloaded = reloaded,
	.free = free_view,
};

const char *
views_blocked_change(struct view *view)
{
	struct mailbox *mailbox = view->ui->mailbox;

	if (mailbox->is_file)
		return "This is a file, not a mailbox: it can only be read";
	return mailbox->count == 0 ? "There is no message here" : NULL;
}

void
views_complain_unreadable(struct ui *ui)
{
	if (errno == ENOENT) {
		ui_reload(ui);
		ui_complain(ui, "Another program has removed this message");
	} else {
		ui_complain(ui, "This message cannot be read");
	}
}

struct view *
index_view_new(struct ui *ui)
{
	struct index_view *list = xcalloc(1, sizeof(*list));

	list->view.class = &class;
	list->view.ui = ui;
	list->limit = (struct buf)BUF_INIT;
	return &list->view;
}
