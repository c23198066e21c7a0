/*
 * index_keys.c - what the keys of the list do.
 */
#include "mua/index_view.h"
#include "mua/mailbox_rows.h"
#include "mua/prompt.h"
#include "mua/text.h"
#include "mua/views.h"

#include <limits.h>
#include <stdlib.h>

static struct mailbox *
mailbox_of(struct view *view)
{
	return view->ui->mailbox;
}

static const char *
needs_message(struct view *view)
{
	return mailbox_of(view)->count == 0 ? "There is no message here" : NULL;
}

static void
move_by(struct view *view, long steps)
{
	struct mailbox *mailbox = mailbox_of(view);

	if (!mailbox_move(mailbox, steps))
		ui_say(view->ui,
		    steps > 0 ? "This is the last message"
			      : "This is the first message");
}

static void
next(struct view *view, int key)
{
	(void)key;
	move_by(view, 1);
}

static void
previous(struct view *view, int key)
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

static void
next_page(struct view *view, int key)
{
	(void)key;
	move_by(view, page_size(view));
}

static void
previous_page(struct view *view, int key)
{
	(void)key;
	move_by(view, -page_size(view));
}

static void
first(struct view *view, int key)
{
	(void)key;
	mailbox_move(mailbox_of(view), -LONG_MAX);
}

static void
last(struct view *view, int key)
{
	(void)key;
	mailbox_move(mailbox_of(view), LONG_MAX);
}

/* Tab: the next message not read yet, from the top again after the last. */
static void
next_unread(struct view *view, int key)
{
	struct mailbox *mailbox = mailbox_of(view);

	(void)key;
	for (size_t i = 1; i <= mailbox->count; i++) {
		size_t at = (mailbox->current + i) % mailbox->count;

		if (!mailbox_has_flag(&mailbox->entries[at], 'S')) {
			mailbox->current = at;
			return;
		}
	}
	ui_say(view->ui, "Everything is read");
}

/* A digit begins a message number. */
static void
jump(struct view *view, int key)
{
	struct mailbox *mailbox = mailbox_of(view);
	struct buf number = BUF_INIT;
	char *end;
	unsigned long wanted;

	buf_addchar(&number, (char)key);
	if (prompt_line(view->ui, "Go to message: ", &number) &&
	    number.size > 0) {
		wanted = strtoul(number.data, &end, 10);
		if (*end == '\0' && wanted >= 1 && wanted <= mailbox->count)
			mailbox->current = wanted - 1;
		else
			ui_complain(view->ui, "There is no message %s",
			    number.data);
	}
	buf_clear(&number);
}

static void
find(struct view *view)
{
	struct mailbox *mailbox = mailbox_of(view);
	const char *wanted = view->ui->search.data;

	for (size_t i = 1; i <= mailbox->count; i++) {
		size_t at = (mailbox->current + i) % mailbox->count;
		const struct mailbox_entry *entry = mailbox_entry(mailbox, at);

		if (text_find(entry->subject, wanted, NULL) == NULL &&
		    text_find(entry->from, wanted, NULL) == NULL)
			continue;
		if (at <= mailbox->current)
			ui_say(view->ui, "Search went on at the top");
		mailbox->current = at;
		return;
	}
	ui_complain(view->ui, "Not found: %s", wanted);
}

static void
search(struct view *view, int key)
{
	struct buf wanted = BUF_INIT;

	(void)key;
	if (prompt_line(view->ui,
		"Search senders and subjects for: ", &wanted) &&
	    wanted.size > 0) {
		buf_clear(&view->ui->search);
		view->ui->search = wanted;
		find(view);
	} else {
		buf_clear(&wanted);
	}
}

static void
search_next(struct view *view, int key)
{
	if (view->ui->search.size == 0)
		search(view, key);
	else
		find(view);
}

static void
open_message(struct view *view, int key)
{
	(void)key;
	pager_open(view->ui, false);
}

static void
open_full(struct view *view, int key)
{
	(void)key;
	pager_open(view->ui, true);
}

static void
open_parts(struct view *view, int key)
{
	(void)key;
	mime_view_open(view->ui);
}

static void
mark_deleted(struct view *view, bool deleted)
{
	struct mailbox *mailbox = mailbox_of(view);

	mailbox_mark_deleted(mailbox, mailbox->current, deleted);
	mailbox_move(mailbox, 1);
}

static void delete (struct view *view, int key)
{
	(void)key;
	mark_deleted(view, true);
}

static void
undelete(struct view *view, int key)
{
	(void)key;
	mark_deleted(view, false);
}

static void
toggle_read(struct view *view, int key)
{
	struct mailbox *mailbox = mailbox_of(view);
	size_t i = mailbox->current;

	(void)key;
	if (mailbox_set_flag(mailbox, i, 'S',
		!mailbox_has_flag(&mailbox->entries[i], 'S')) == -1)
		ui_complain(view->ui, "The message could not be marked");
	mailbox_move(mailbox, 1);
}

static void
toggle_flag(struct view *view, int key)
{
	struct mailbox *mailbox = mailbox_of(view);
	size_t i = mailbox->current;

	(void)key;
	if (mailbox_set_flag(mailbox, i, 'F',
		!mailbox_has_flag(&mailbox->entries[i], 'F')) == -1)
		ui_complain(view->ui, "The message could not be marked");
	mailbox_move(mailbox, 1);
}

/*
 * Removes what is marked if the person says so.  Returns whether to go on: not
 * when they thought better of it, or something could not be removed.
 */
static bool
settle_deletions(struct view *view)
{
	struct ui *ui = view->ui;
	size_t marked = ui->mailbox->is_file ? 0 : mailbox_deleted(ui->mailbox);
	struct buf question = BUF_INIT;
	size_t failed;
	int answer;

	if (marked == 0)
		return true;
	buf_printf(&question, "Remove %zu message%s for good? (y/n) ", marked,
	    marked == 1 ? "" : "s");
	answer = prompt_choice(ui, question.data, "yYnN");
	buf_clear(&question);
	if (answer == 'n' || answer == 'N')
		return true;
	if (answer == 0)
		return false;
	failed = mailbox_purge(ui->mailbox);
	if (failed > 0)
		ui_complain(ui, "%zu could not be removed", failed);
	return failed == 0;
}

static void
quit(struct view *view, int key)
{
	(void)key;
	if (settle_deletions(view))
		ui_pop(view->ui);
}

static void
remove_marked(struct view *view, int key)
{
	(void)key;
	if (mailbox_deleted(mailbox_of(view)) == 0)
		ui_say(view->ui, "Nothing is marked for removal");
	else
		settle_deletions(view);
}

static void
leave(struct view *view, int key)
{
	(void)key;
	ui_pop(view->ui);
}

/* clang-format off */
static const struct binding bindings[] = {
	{ "quit", { 'q' }, NULL, quit, "Quit",
	  "leave; asks before it removes what is marked" },
	{ "open", { K_RETURN, ' ', K_ARROW_RIGHT }, needs_message,
	  open_message, "Read", "read the message" },
	{ "delete", { 'd', K_DELETE }, views_blocked_change, delete,
	  "Delete", "mark the message for removal" },
	{ "undelete", { 'u' }, views_blocked_change, undelete, "Undelete",
	  "take the mark away again" },
	{ "full-headers", { 'h' }, needs_message, open_full, "Headers",
	  "read it with all headers, as stored" },
	{ "parts", { 'v' }, needs_message, open_parts, "Parts",
	  "its parts and attachments" },
	{ "search", { '/' }, needs_message, search, "Search",
	  "search senders and subjects" },
	{ "search-next", { 'n' }, needs_message, search_next, NULL,
	  "to the next one found" },
	{ "next", { 'j', K_ARROW_DOWN }, needs_message, next, NULL,
	  "to the next message" },
	{ "previous", { 'k', K_ARROW_UP }, needs_message, previous, NULL,
	  "to the previous message" },
	{ "next-unread", { K_TAB }, needs_message, next_unread, NULL,
	  "to the next unread message" },
	{ "toggle-read", { 'N' }, views_blocked_change, toggle_read, NULL,
	  "mark as unread, or as read" },
	{ "flag", { 'F' }, views_blocked_change, toggle_flag, NULL,
	  "flag as important, or not" },
	{ "remove", { '$' }, views_blocked_change, remove_marked, NULL,
	  "remove what is marked now" },
	{ "next-page", { K_PAGE_DOWN, 'z' }, needs_message, next_page, NULL,
	  "a page down" },
	{ "previous-page", { K_PAGE_UP, 'b', 'Z' }, needs_message,
	  previous_page, NULL, "a page up" },
	{ "first", { K_FIRST, '=' }, needs_message, first, NULL,
	  "to the first message" },
	{ "last", { K_LAST, '*' }, needs_message, last, NULL,
	  "to the last message" },
	{ "jump", { '1', '2', '3', '4', '5', '6', '7', '8', '9' },
	  needs_message, jump, NULL, "to the message of that number" },
	{ "exit", { 'x' }, NULL, leave, NULL,
	  "leave without removing anything" },
};
const struct key_table index_view_keys = {
	"The list of messages", bindings, COUNT(bindings),
};
/* clang-format on */
