/*
 * index_keys.c - the keys of the list.
 *
 * They are mutt's wherever mutt has one.  The order of the rows, and of the
 * tables in index_view.c, is that of the help line.
 */
#include "mua/index_view.h"
#include "mua/views.h"
#include "mua/windows.h"

const char *
list_needs_message(struct view *view)
{
	return view->ui->mailbox->count == 0 ? "There is no message here"
					     : NULL;
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
open_envelope(struct view *view, int key)
{
	(void)key;
	window_open_envelope(view->ui);
}

/* clang-format off */
static const struct binding main_bindings[] = {
	{ "quit", { 'q' }, NULL, list_quit, "Quit",
	  "leave; asks before it removes what is marked" },
	{ "open", { K_RETURN, ' ', K_ARROW_RIGHT }, list_needs_message,
	  open_message, "Read", "read the message" },
};
const struct key_table index_main_keys = {
	"The list of messages", main_bindings, COUNT(main_bindings),
};

/* Also behind ";": a handler asks targets_find() for the messages. */
static const struct binding message_bindings[] = {
	{ "delete", { 'd', K_DELETE }, views_blocked_change, list_delete,
	  "Delete", "mark it for removal" },
	{ "undelete", { 'u' }, views_blocked_change, list_undelete,
	  "Undelete", "take the mark away again" },
	{ "save", { 's' }, views_blocked_change, list_save, "Save",
	  "save it to another folder, and mark it for removal here" },
	{ "copy", { 'C' }, list_needs_message, list_copy, NULL,
	  "copy it to another folder" },
	{ "pipe", { '|' }, list_needs_message, list_pipe, NULL,
	  "give it, as it is stored, to a command" },
	{ "tag", { 't' }, list_needs_message, list_tag, NULL,
	  "tag it, or not; ;t takes all tags away" },
	{ "toggle-read", { 'N' }, views_blocked_change, list_toggle_read,
	  NULL, "mark it as unread, or as read" },
	{ "flag", { 'F' }, views_blocked_change, list_toggle_flag, NULL,
	  "flag it as important, or not" },
};
const struct key_table index_message_keys = {
	"A message, or behind ; all that are tagged", message_bindings,
	COUNT(message_bindings),
};

static const struct binding find_bindings[] = {
	{ "full-headers", { 'h' }, list_needs_message, open_full, "Headers",
	  "read it with all headers, as stored" },
	{ "parts", { 'v' }, list_needs_message, open_parts, "Parts",
	  "its parts and attachments" },
	{ "envelope", { 'e' }, list_needs_message, open_envelope, NULL,
	  "its envelope beside its header; from there trace, raw, structure" },
	{ "search", { '/' }, list_needs_message, list_search, "Search",
	  "search everything; from:ann subject:plan before:2026 ..." },
	{ "limit", { 'l' }, list_needs_message, list_limit, "Limit",
	  "show only what matches; all shows all" },
	{ "sort", { 'o' }, list_needs_message, list_sort, "Sort",
	  "by date, sender, subject, size, thread or arrival" },
	{ "sort-reverse", { 'O' }, list_needs_message, list_sort_reverse,
	  NULL, "the same, the other way round" },
	{ "search-next", { 'n' }, list_needs_message, list_search_next,
	  NULL, "to the next one found" },
	{ "on-tagged", { ';' }, list_needs_message, list_on_tagged, NULL,
	  "the next key is for all that are tagged" },
	{ "tag-matching", { 'T' }, list_needs_message, list_tag_matching,
	  NULL, "tag what matches" },
	{ "untag-matching", { 'T' & 0x1f }, list_needs_message,
	  list_untag_matching, NULL, "take the tag from what matches" },
	{ "delete-matching", { 'D' }, views_blocked_change,
	  list_delete_matching, NULL, "mark what matches for removal" },
	{ "undelete-matching", { 'U' }, views_blocked_change,
	  list_undelete_matching, NULL, "take the mark from what matches" },
	{ "remove", { '$' }, views_blocked_change, list_remove, NULL,
	  "remove what is marked now" },
	{ "exit", { 'x' }, NULL, list_leave, NULL,
	  "leave without removing anything" },
};
const struct key_table index_find_keys = {
	"Finding and sorting", find_bindings, COUNT(find_bindings),
};

static const struct binding thread_bindings[] = {
	{ "collapse", { '-', K_META | 'v' }, list_needs_threads,
	  list_collapse, NULL, "show only its first message, or all again" },
	{ "collapse-all", { '_', K_META | 'V' }, list_needs_threads,
	  list_collapse_all, NULL, "the same for all threads" },
	{ "next-thread", { 'N' & 0x1f }, list_needs_threads,
	  list_next_thread, NULL, "to the next thread" },
	{ "previous-thread", { 'P' & 0x1f }, list_needs_threads,
	  list_previous_thread, NULL, "to the previous thread" },
	{ "parent", { 'P' }, list_needs_threads, list_parent, NULL,
	  "to the message that this one answers" },
	{ "tag-thread", { K_META | 't' }, list_needs_threads,
	  list_tag_thread, NULL, "tag all of it, or none" },
	{ "delete-thread", { 'D' & 0x1f }, list_needs_threads,
	  list_delete_thread, NULL, "mark all of it for removal" },
	{ "undelete-thread", { 'U' & 0x1f }, list_needs_threads,
	  list_undelete_thread, NULL, "take these marks away again" },
	{ "read-thread", { 'R' & 0x1f }, list_needs_threads,
	  list_read_thread, NULL, "mark all of it as read" },
};
const struct key_table index_thread_keys = {
	"A thread", thread_bindings, COUNT(thread_bindings),
};

static const struct binding move_bindings[] = {
	{ "next", { 'j', K_ARROW_DOWN, K_WHEEL_DOWN }, list_needs_message,
	  list_next, NULL, "to the next message" },
	{ "previous", { 'k', K_ARROW_UP, K_WHEEL_UP }, list_needs_message,
	  list_previous, NULL, "to the previous message" },
	{ "next-unread", { K_TAB }, list_needs_message, list_next_unread,
	  NULL, "to the next unread message" },
	{ "next-page", { K_PAGE_DOWN, 'z' }, list_needs_message,
	  list_next_page, NULL, "a page down" },
	{ "previous-page", { K_PAGE_UP, 'Z' }, list_needs_message,
	  list_previous_page, NULL, "a page up" },
	{ "first", { K_FIRST, '=' }, list_needs_message, list_first, NULL,
	  "to the first message" },
	{ "last", { K_LAST, '*' }, list_needs_message, list_last, NULL,
	  "to the last message" },
	{ "jump", { '1', '2', '3', '4', '5', '6', '7', '8', '9' },
	  list_needs_message, list_jump, NULL,
	  "to the message of that number" },
	{ "click", { K_CLICK }, list_needs_message, list_click, NULL,
	  "select the message; once more: read it" },
};
const struct key_table index_move_keys = {
	"Moving", move_bindings, COUNT(move_bindings),
};
/* clang-format on */
