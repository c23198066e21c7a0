/*
 * mime_view.c - the parts of a message as a tree: what each is, how it was
 * encoded, how big it is; to be read or saved one by one.
 */
#include "mua/cursor.h"
#include "mua/cursor_keys.h"
#include "mua/part_program.h"
#include "mua/prompt.h"
#include "mua/render.h"
#include "mua/save.h"
#include "mua/text.h"
#include "mua/text_view.h"
#include "mua/views.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Columns behind the tree: size and fault; encoding and charset if WIDE. */
enum { DETAILS = 9, WIDE_DETAILS = 39, WIDE = 76 };

struct mime_view {
	struct view view;
	struct message *message;
	int64_t *octets; /* of each part, decoded */
	char *subject;
	struct cursor cursor;
};

static struct mime_view *
mime_of(struct view *view)
{
	return (struct mime_view *)view;
}

static const struct part *
current_part(struct view *view)
{
	struct mime_view *mime = mime_of(view);

	return message_part(mime->message, mime->cursor.current);
}

static const char *
needs_content(struct view *view)
{
	const struct part *part = current_part(view);

	if (part->multipart && !render_is_message(part))
		return "This part only holds the parts below it";
	return NULL;
}

static void
open_part(struct view *view, int key)
{
	struct mime_view *mime = mime_of(view);
	struct lines lines = { 0 };
	struct buf title = BUF_INIT;

	(void)key;
	buf_printf(&title, "Part %zu: ", mime->cursor.current + 1);
	render_part_title(current_part(view),
	    mime->octets[mime->cursor.current], &title);
	render_part(mime->message, mime->cursor.current, &lines);
	ui_push(view->ui, text_view_new(view->ui, &title, &lines));
}

/* Writes CONTENT to PATH, over an existing file if the person says so. */
static void
write_file(struct ui *ui, const char *path, const struct buf *content)
{
	enum save_result result = save_file(path, content, false);
	char size[8];

	if (result == SAVE_EXISTS) {
		struct buf question = BUF_INIT;
		int answer;

		buf_printf(&question, "%s exists: replace it? (y/n) ", path);
		answer = prompt_choice(ui, question.data, "yYnN");
		buf_clear(&question);
		if (answer != 'y' && answer != 'Y') {
			ui_say(ui, "Not saved");
			return;
		}
		result = save_file(path, content, true);
	}
	if (result == SAVED)
		ui_say(ui, "Saved %s to %s",
		    text_size((int64_t)content->size, size), path);
	else
		ui_complain(ui, "Cannot save %s: %s", path, strerror(errno));
}

static void
save(struct view *view, int key)
{
	struct mime_view *mime = mime_of(view);
	struct buf path = BUF_INIT;
	struct buf content = BUF_INIT;

	(void)key;
	save_name(current_part(view), mime->cursor.current + 1, &path);
	if (prompt_line(view->ui, "Save to file: ", &path) && path.size > 0) {
		message_content(mime->message, mime->cursor.current, &content);
		write_file(view->ui, path.data, &content);
	} else {
		ui_say(view->ui, "Not saved");
	}
	buf_clear(&content);
	buf_clear(&path);
}

static void
pipe_part(struct view *view, int key)
{
	struct mime_view *mime = mime_of(view);

	(void)key;
	part_pipe(view->ui, mime->message, mime->cursor.current);
}

static void
open_by_mailcap(struct view *view, int key)
{
	struct mime_view *mime = mime_of(view);

	(void)key;
	part_open(view->ui, mime->message, mime->cursor.current);
}

/* clang-format off */
static const struct binding bindings[] = {
	{ "leave", { 'q', 'i', K_ARROW_LEFT }, NULL, text_view_leave,
	  "Back", "back to where you were" },
	{ "open", { K_RETURN, ' ', K_ARROW_RIGHT }, needs_content,
	  open_part, "View", "read the part" },
	{ "save", { 's' }, needs_content, save, "Save",
	  "save the part to a file" },
	{ "pipe", { '|' }, needs_content, pipe_part, "Pipe",
	  "give it, decoded, to a command, and read what that writes" },
	{ "mailcap", { 'm' }, needs_content, open_by_mailcap, "Open",
	  "show it by the program that mailcap has for its type" },
	{ "next", { 'j', K_ARROW_DOWN }, NULL, cursor_next, NULL,
	  "to the next part" },
	{ "previous", { 'k', K_ARROW_UP }, NULL, cursor_previous, NULL,
	  "to the previous part" },
	{ "next-page", { K_PAGE_DOWN, 'z' }, NULL, cursor_next_page, NULL,
	  "a page down" },
	{ "previous-page", { K_PAGE_UP, 'b', 'Z' }, NULL,
	  cursor_previous_page, NULL, "a page up" },
	{ "first", { K_FIRST, '=' }, NULL, cursor_first, NULL,
	  "to the first part" },
	{ "last", { K_LAST, '*' }, NULL, cursor_last, NULL,
	  "to the last part" },
};
static const struct key_table keys = {
	"The parts of a message", bindings, COUNT(bindings),
};
static const struct key_table *const tables[] = {
	&keys, &ui_common_keys, NULL,
};
/* clang-format on */

/* Whether a part of the same depth follows below the same parent. */
static bool
has_sibling(const struct message *message, size_t i, int depth)
{
	for (i++; i < message_part_count(message); i++) {
		int other = message_part(message, i)->depth;

		if (other <= depth)
			return other == depth;
	}
	return false;
}

/* The branches of the tree before part I. */
static void
add_branches(const struct message *message, size_t i, struct buf *to)
{
	int depth = message_part(message, i)->depth;

	for (int level = 1; level < depth; level++)
		buf_addstr(to, has_sibling(message, i, level) ? "│ " : "  ");
	if (depth > 0)
		buf_addstr(to, has_sibling(message, i, depth) ? "├─" : "└─");
}

static void
draw_part(struct view *view, size_t i, struct screen_text *screen, int row)
{
	const struct mime_view *mime = mime_of(view);
	enum style style =
	    i == mime->cursor.current ? STYLE_SELECTED : STYLE_NORMAL;
	const struct part *part = message_part(mime->message, i);
	int details = screen->columns >= WIDE ? WIDE_DETAILS : DETAILS;
	struct buf text = BUF_INIT;
	char size[8] = "";

	buf_printf(&text, "%3zu ", i + 1);
	add_branches(mime->message, i, &text);
	buf_addstr(&text, part->type);
	if (*part->filename != '\0')
		buf_printf(&text, "  %s", part->filename);
	screen_field(screen, row, style, text.data, screen->columns - details);
	if (!part->multipart || render_is_message(part))
		text_size(mime->octets[i], size);
	buf_reset(&text);
	buf_printf(&text, "  %5s %c", size, part->fault != NULL ? '!' : ' ');
	screen_add(screen, row, style, text.data);
	buf_clear(&text);
	if (screen->columns >= WIDE) {
		screen_add(screen, row, style, " ");
		screen_field(screen, row, style, part->encoding, 16);
		screen_add(screen, row, style, " ");
		screen_add(screen, row, style, part->charset);
	}
	screen_fill(screen, row, style, ' ', screen->columns);
}

/* What is wrong with the part at the cursor, on the row below the list. */
static void
draw_fault(struct mime_view *mime, struct screen_text *screen, int row)
{
	const struct part *part =
	    message_part(mime->message, mime->cursor.current);

	if (part->fault == NULL)
		return;
	screen_add(screen, row, STYLE_FAULT, "Fault: ");
	screen_add(screen, row, STYLE_FAULT, part->fault);
}

static void
draw(struct view *view, struct screen_text *screen)
{
	struct mime_view *mime = mime_of(view);
	int height = view_height(screen) > 1 ? view_height(screen) - 1
					     : view_height(screen);

	cursor_draw(view, height, screen, draw_part);
	if (height < view_height(screen))
		draw_fault(mime, screen, VIEW_TOP_ROW + height);
}

static void
status(struct view *view, struct buf *left, struct buf *right)
{
	struct mime_view *mime = mime_of(view);
	size_t count = message_part_count(mime->message);

	buf_printf(left, "Parts of: %s ", mime->subject);
	buf_printf(right, " %zu/%zu", mime->cursor.current + 1, count);
}

static void
free_view(struct view *view)
{
	struct mime_view *mime = mime_of(view);

	message_close(mime->message);
	free(mime->octets);
	free(mime->subject);
	free(mime);
}

static const struct view_class class = {
	.name = "the parts",
	.tables = tables,
	.draw = draw,
	.status = status,
	.free = free_view,
};

/* The decoded size of every part. */
static int64_t *
measure(struct message *message)
{
	size_t count = message_part_count(message);
	int64_t *octets = xcalloc(count + 1, sizeof(*octets));
	struct buf content = BUF_INIT;

	for (size_t i = 0; i < count; i++) {
		buf_reset(&content);
		message_content(message, i, &content);
		octets[i] = (int64_t)content.size;
	}
	buf_clear(&content);
	return octets;
}

void
mime_view_open(struct ui *ui)
{
	struct mailbox *mailbox = ui->mailbox;
	struct message *message = mailbox_message(mailbox, mailbox->current);
	struct mime_view *mime;

	if (message == NULL) {
		views_complain_unreadable(ui);
		return;
	}
	mime = xcalloc(1, sizeof(*mime));
	mime->view.class = &class;
	mime->view.ui = ui;
	mime->message = message;
	mime->octets = measure(message);
	mime->view.cursor = &mime->cursor;
	mime->cursor.count = message_part_count(message);
	mime->subject =
	    xstrdup(mailbox_entry(mailbox, mailbox->current)->subject);
	ui_push(ui, &mime->view);
}
