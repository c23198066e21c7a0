/*
 * line_editor.c - edits one line; the keys are those of mutt and Emacs.
 */
#include "mua/line_editor.h"

#include "mua/keys.h"
#include "mua/text.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum { LINE_MAX_SIZE = 4000 };

/* Replaces COUNT bytes at AT by the SIZE bytes of TEXT. */
static void
splice(struct buf *buf, size_t at, size_t count, const char *text, size_t size)
{
	struct buf result = BUF_INIT;

	buf_add(&result, buf->data, at);
	buf_add(&result, text, size);
	buf_add(&result, buf->data + at + count, buf->size - at - count);
	buf_clear(buf);
	*buf = result;
}

static void
insert(struct line_editor *editor, int key)
{
	char text[MB_LEN_MAX + 1];
	int size = snprintf(text, sizeof(text), "%lc", (wint_t)key);

	if (size <= 0 || editor->text->size > LINE_MAX_SIZE)
		return;
	splice(editor->text, editor->cursor, 0, text, (size_t)size);
	editor->cursor += (size_t)size;
}

/* Removes SIZE bytes before the cursor. */
static void
remove_before(struct line_editor *editor, size_t size)
{
	editor->cursor -= size;
	splice(editor->text, editor->cursor, size, "", 0);
}

/* The bytes of the word before the cursor, and of the blanks behind it. */
static size_t
word_before(const struct line_editor *editor)
{
	const char *text = editor->text->data;
	size_t at = editor->cursor;

	while (at > 0 && text[at - 1] == ' ')
		at--;
	while (at > 0 && text[at - 1] != ' ')
		at--;
	return editor->cursor - at;
}

static size_t
character_before(const struct line_editor *editor)
{
	if (editor->cursor == 0)
		return 0;
	return text_last(editor->text->data, editor->cursor);
}

static size_t
character_here(const struct line_editor *editor)
{
	int columns;

	if (editor->cursor == editor->text->size)
		return 0;
	return text_next(editor->text->data + editor->cursor, &columns);
}

/* Keys that move the cursor.  Whether KEY is one. */
static bool
move_cursor(struct line_editor *editor, int key)
{
	switch (key) {
	case K_ARROW_LEFT:
	case CTRL_B:
		editor->cursor -= character_before(editor);
		return true;
	case K_ARROW_RIGHT:
	case CTRL_F:
		editor->cursor += character_here(editor);
		return true;
	case K_FIRST:
	case CTRL_A:
		editor->cursor = 0;
		return true;
	case K_LAST:
	case CTRL_E:
		editor->cursor = editor->text->size;
		return true;
	default:
		return false;
	}
}

void
line_editor_key(struct line_editor *editor, int key)
{
	if (move_cursor(editor, key))
		return;
	switch (key) {
	case K_RUBOUT:
		remove_before(editor, character_before(editor));
		break;
	case K_DELETE:
	case CTRL_D:
		splice(editor->text, editor->cursor, character_here(editor), "",
		    0);
		break;
	case CTRL_U:
		remove_before(editor, editor->cursor);
		break;
	case CTRL_W:
		remove_before(editor, word_before(editor));
		break;
	case CTRL_K:
		splice(editor->text, editor->cursor,
		    editor->text->size - editor->cursor, "", 0);
		break;
	case K_PASTED_RETURN:
		insert(editor, ' ');
		break;
	default:
		if (key >= ' ' && key < K_BEYOND_UNICODE && key != 0x7f)
			insert(editor, key);
	}
}

void
line_editor_replace(struct line_editor *editor, const struct buf *before)
{
	splice(editor->text, 0, editor->cursor, before->data, before->size);
	editor->cursor = before->size;
}

void
line_editor_set(struct line_editor *editor, const char *text)
{
	buf_reset(editor->text);
	buf_addstr(editor->text, text);
	editor->cursor = editor->text->size;
}
