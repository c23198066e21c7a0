/*
 * pager.c - one message on the screen.
 *
 * The message stays open and readable whatever other programs do to the
 * mailbox.  What changes a message acts on the mailbox's current one, so it is
 * blocked once a reload has moved the current place to another message.
 */
#include "mua/answer_keys.h"
#include "mua/mailbox_rows.h"
#include "mua/message_pipe.h"
#include "mua/message_save.h"
#include "mua/render.h"
#include "mua/text.h"
#include "mua/text_view.h"
#include "mua/views.h"
#include "mua/windows.h"
#include "mua/write_keys.h"

#include "maildir/maildir_name.h"

#include <stdlib.h>

struct pager {
	struct text_view text; /* must be first */
	struct message *message;
	int64_t received;
	char *name; /* of the file, when it was opened */
	bool full_headers;
	bool gone; /* no longer the mailbox's current message */
};

static struct pager *
pager_of(struct view *view)
{
	return (struct pager *)view;
}

/* Makes the lines anew: another message, or other headers. */
static void
render(struct pager *pager)
{
	struct render_options options = {
		.full_headers = pager->full_headers,
		.received = pager->received,
	};
	struct lines lines = { 0 };

	render_message(pager->message, &options, &lines);
	scroller_set(&pager->text.scroller, &lines);
}

/* Loads the current message into PAGER.  False when it cannot. */
static bool
load(struct pager *pager, struct ui *ui)
{
	struct mailbox *mailbox = ui->mailbox;
	size_t i = mailbox->current;
	struct message *message = mailbox_message(mailbox, i);

	if (message == NULL)
		return false;
	message_close(pager->message);
	pager->message = message;
	pager->gone = false;
	pager->text.view.elsewhere = false;
	if (mailbox_set_flag(mailbox, i, 'S', true) == -1)
		ui_complain(ui, "The message could not be marked as read");
	free(pager->name);
	pager->name = xstrdup(mailbox->entries[i].name);
	pager->received = mailbox->entries[i].received;
	render(pager);
	return true;
}

static const char *
blocked_change(struct view *view)
{
	if (pager_of(view)->gone)
		return "Another program has removed this message";
	return views_blocked_change(view);
}

/*
 * The next message in DIRECTION that is not marked, in AT_OUT.  Where the one
 * shown is gone, the current one is the one that followed it.
 */
static bool
find_next(const struct pager *pager, const struct mailbox *mailbox,
    long direction, size_t *at_out)
{
	size_t at = mailbox->current;

	if (pager->gone && direction > 0 && at < mailbox->count &&
	    !mailbox->entries[at].deleted) {
		*at_out = at;
		return true;
	}
	do {
		if (!mailbox_neighbour(mailbox, at, direction, &at))
			return false;
	} while (mailbox->entries[at].deleted);
	*at_out = at;
	return true;
}

/* Shows the next message in DIRECTION; false when there is none. */
static bool
step(struct view *view, long direction)
{
	struct mailbox *mailbox = view->ui->mailbox;
	size_t before = mailbox->current;

	if (!find_next(pager_of(view), mailbox, direction, &mailbox->current))
		return false;
	if (load(pager_of(view), view->ui))
		return true;
	mailbox->current = before;
	views_complain_unreadable(view->ui);
	return true;
}

static void
next(struct view *view, int key)
{
	(void)key;
	if (!step(view, 1))
		ui_say(view->ui, "This is the last message");
}

static void
previous(struct view *view, int key)
{
	(void)key;
	if (!step(view, -1))
		ui_say(view->ui, "This is the first message");
}

static void
page_or_next(struct view *view, int key)
{
	if (!text_view_page(view))
		next(view, key);
}

static void
toggle_headers(struct view *view, int key)
{
	struct pager *pager = pager_of(view);

	(void)key;
	pager->full_headers = !pager->full_headers;
	render(pager);
	ui_say(view->ui,
	    pager->full_headers ? "All headers, as stored: h for the few"
				: "h shows all headers");
}

static void delete (struct view *view, int key)
{
	struct mailbox *mailbox = view->ui->mailbox;

	(void)key;
	mailbox_mark_deleted(mailbox, mailbox->current, true);
	ui_say(view->ui, "Marked for removal");
	if (!step(view, 1))
		ui_pop(view->ui);
}

static void
undelete(struct view *view, int key)
{
	struct mailbox *mailbox = view->ui->mailbox;

	(void)key;
	mailbox_mark_deleted(mailbox, mailbox->current, false);
	ui_say(view->ui, "It will be kept");
}

static void
save(struct view *view, int key)
{
	(void)key;
	if (message_save(view->ui, false) && !step(view, 1))
		ui_pop(view->ui);
}

static void
copy(struct view *view, int key)
{
	(void)key;
	message_save(view->ui, true);
}

static void
pipe_message(struct view *view, int key)
{
	(void)key;
	message_pipe(view->ui);
}

/* Unread again, and back: else opening it would be all there is to see. */
static void
mark_unread(struct view *view, int key)
{
	struct mailbox *mailbox = view->ui->mailbox;

	(void)key;
	if (mailbox_set_flag(mailbox, mailbox->current, 'S', false) == -1)
		ui_complain(view->ui, "The message could not be marked");
	else
		ui_say(view->ui, "Marked as unread");
}

/* A window opens the mailbox's current message: it must still be this one. */
static const char *
blocked_window(struct view *view)
{
	if (pager_of(view)->gone)
		return "Another program has removed this message";
	return NULL;
}

static void
open_window(struct view *view, int key)
{
	switch (key) {
	case 'e':
		window_open_envelope(view->ui);
		break;
	case 'T':
		window_open_trace(view->ui);
		break;
	case 'S':
		window_open_structure(view->ui);
		break;
	default:
		raw_view_open(view->ui);
		break;
	}
}

static void
open_parts(struct view *view, int key)
{
	(void)key;
	mime_view_open(view->ui);
}

/* clang-format off */
static const struct binding bindings[] = {
	{ "leave", { 'q', 'i', K_ARROW_LEFT }, NULL, text_view_leave,
	  "Back", "back to the list" },
	{ "full-headers", { 'h' }, NULL, toggle_headers, "Headers",
	  "all headers as stored, or the few that matter" },
	{ "parts", { 'v' }, blocked_window, open_parts, "Parts",
	  "its parts and attachments" },
	{ "next", { 'j', K_ARROW_RIGHT }, NULL, next, "Next",
	  "the next message" },
	{ "previous", { 'k' }, NULL, previous, NULL,
	  "the previous message" },
	{ "delete", { 'd', K_DELETE }, blocked_change, delete, "Delete",
	  "mark it for removal, and read the next" },
	{ "save", { 's' }, blocked_change, save, "Save",
	  "save it to another folder, and mark it for removal here" },
	{ "copy", { 'C' }, blocked_change, copy, NULL,
	  "copy it to another folder" },
	{ "pipe", { '|' }, blocked_window, pipe_message, NULL,
	  "give it, as it is stored, to a command" },
	{ "undelete", { 'u' }, blocked_change, undelete, NULL,
	  "take the mark away again" },
	{ "next-page", { ' ' }, NULL, page_or_next, NULL,
	  "a page down; at the end, the next message" },
	{ "envelope", { 'e' }, blocked_window, open_window, "Envelope",
	  "who sent it to whom, beside what the header says" },
	{ "trace", { 'T' }, blocked_window, open_window, "Trace",
	  "the way it has taken" },
	{ "raw", { 'R' }, blocked_window, open_window, "Raw",
	  "its bytes, and what they mean" },
	{ "structure", { 'S' }, blocked_window, open_window, "Structure",
	  "its fields and parts, and what is odd about them" },
	{ "mark-unread", { 'N' }, blocked_change, mark_unread, NULL,
	  "mark it as unread" },
};
static const struct key_table keys = {
	"The message", bindings, COUNT(bindings),
};
static const struct key_table *const tables[] = {
	&keys, &write_keys, &answer_keys, &text_view_scroll_keys, &ui_common_keys,
	NULL,
};
/* clang-format on */

static void
status(struct view *view, struct buf *left, struct buf *right)
{
	struct pager *pager = pager_of(view);
	struct mailbox *mailbox = view->ui->mailbox;

	if (pager->gone) {
		buf_addstr(left, "(removed by another program) ");
	} else {
		const struct mailbox_entry *entry =
		    mailbox_entry(mailbox, mailbox->current);

		buf_printf(left, "%zu/%zu: ", mailbox->current + 1,
		    mailbox->count);
		if (entry->deleted)
			buf_addstr(left, "(to remove) ");
		text_person(entry->from, left);
		buf_printf(left, ": %s ", entry->subject);
	}
	buf_addchar(right, ' ');
	scroller_position(&pager->text.scroller, right);
}

static void
reloaded(struct view *view)
{
	struct pager *pager = pager_of(view);
	struct mailbox *mailbox = view->ui->mailbox;

	pager->gone = mailbox->count == 0 ||
	    !maildir_name_equal(mailbox->entries[mailbox->current].name,
		pager->name);
	view->elsewhere = pager->gone;
}

static void
free_view(struct view *view)
{
	struct pager *pager = pager_of(view);

	message_close(pager->message);
	free(pager->name);
	text_view_clear(&pager->text);
	free(pager);
}

static const struct view_class class = {
	.name = "a message",
	.tables = tables,
	.draw = text_view_draw,
	.status = status,
	.reloaded = reloaded,
	.free = free_view,
};

void
pager_open(struct ui *ui, bool full_headers)
{
	struct pager *pager = xcalloc(1, sizeof(*pager));

	pager->text.view.class = &class;
	pager->text.view.ui = ui;
	pager->text.title = (struct buf)BUF_INIT;
	pager->full_headers = full_headers;
	if (load(pager, ui)) {
		ui_push(ui, &pager->text.view);
		return;
	}
	free_view(&pager->text.view);
	views_complain_unreadable(ui);
}
