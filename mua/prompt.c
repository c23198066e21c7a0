/*
 * prompt.c - a small line editor, and questions answered by one letter.
 */
#include "mua/prompt.h"

#include "mua/text.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum { CTRL_A = 1, CTRL_E = 5, CTRL_G = 7, CTRL_K = 11, CTRL_U = 21 };
enum { ANSWER_MAX = 1000 };

/* How long a question waits for a key before it looks again. */
enum { PATIENCE_SECONDS = 3600 };

struct editor {
	struct buf *text;
	size_t cursor; /* byte offset */
};

/* Puts the text and the cursor into the last row, scrolled if need be. */
static void
draw_editor(struct ui *ui, const char *question, const struct editor *editor)
{
	struct screen_text *screen = &ui->screen;
	int last = screen->rows - 1;
	int room = screen->columns - 1;
	size_t from = 0;
	int columns;

	ui_compose(ui);
	if (text_columns(question, strlen(question)) < room / 2 ||
	    editor->text->size == 0)
		screen_add(screen, last, STYLE_LABEL, question);
	room -= screen->lines[last].used;
	while (from < editor->cursor &&
	    text_columns(editor->text->data + from, editor->cursor - from) >
		room)
		from += text_next(editor->text->data + from, &columns);
	screen->cursor_row = last;
	screen->cursor_column = screen->lines[last].used +
	    text_columns(editor->text->data + from, editor->cursor - from);
	screen_add(screen, last, STYLE_NORMAL, editor->text->data + from);
	ui->terminal->show(ui->terminal, screen);
}

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
insert(struct editor *editor, int key)
{
	char text[MB_LEN_MAX + 1];
	int size = snprintf(text, sizeof(text), "%lc", (wint_t)key);

	if (size <= 0 || editor->text->size > ANSWER_MAX)
		return;
	splice(editor->text, editor->cursor, 0, text, (size_t)size);
	editor->cursor += (size_t)size;
}

static void
rub_out(struct editor *editor)
{
	size_t size = text_last(editor->text->data, editor->cursor);

	if (editor->cursor == 0)
		return;
	editor->cursor -= size;
	splice(editor->text, editor->cursor, size, "", 0);
}

/* One key of editing; those that end it are seen to by prompt_line(). */
static void
edit(struct editor *editor, int key)
{
	struct buf *text = editor->text;
	int columns;

	switch (key) {
	case K_ARROW_LEFT:
		if (editor->cursor > 0)
			editor->cursor -= text_last(text->data, editor->cursor);
		break;
	case K_ARROW_RIGHT:
		if (editor->cursor < text->size)
			editor->cursor +=
			    text_next(text->data + editor->cursor, &columns);
		break;
	case K_FIRST:
	case CTRL_A:
		editor->cursor = 0;
		break;
	case K_LAST:
	case CTRL_E:
		editor->cursor = text->size;
		break;
	case K_RUBOUT:
		rub_out(editor);
		break;
	case K_DELETE:
		if (editor->cursor < text->size)
			splice(text, editor->cursor,
			    text_next(text->data + editor->cursor, &columns),
			    "", 0);
		break;
	case CTRL_U:
		splice(text, 0, editor->cursor, "", 0);
		editor->cursor = 0;
		break;
	case CTRL_K:
		splice(text, editor->cursor, text->size - editor->cursor, "",
		    0);
		break;
	default:
		if (key >= ' ' && key < K_BEYOND_UNICODE)
			insert(editor, key);
	}
}

bool
prompt_line(struct ui *ui, const char *question, struct buf *answer)
{
	struct editor editor = { .text = answer, .cursor = answer->size };

	buf_reset(&ui->message);
	for (;;) {
		int key;

		draw_editor(ui, question, &editor);
		key = ui->terminal->read_key(ui->terminal, PATIENCE_SECONDS);
		switch (key) {
		case K_RETURN:
			return true;
		case K_ESCAPE:
		case K_CANCEL:
		case K_GONE:
		case CTRL_G:
			return false;
		case K_RUBOUT:
			if (answer->size == 0)
				return false;
		}
		edit(&editor, key);
	}
}

/* The question with the cursor behind it; its end if it is too long. */
static void
draw_question(struct ui *ui, const char *question)
{
	struct screen_text *screen = &ui->screen;
	int last = screen->rows - 1;
	int columns;

	buf_reset(&ui->message);
	ui_compose(ui);
	while (text_columns(question, strlen(question)) >= screen->columns &&
	    *question != '\0')
		question += text_next(question, &columns);
	screen_add(screen, last, STYLE_LABEL, question);
	screen->cursor_row = last;
	screen->cursor_column = screen->lines[last].used;
	ui->terminal->show(ui->terminal, screen);
}

int
prompt_choice(struct ui *ui, const char *question, const char *choices)
{
	for (;;) {
		int key;

		draw_question(ui, question);
		key = ui->terminal->read_key(ui->terminal, PATIENCE_SECONDS);
		if (key == K_ESCAPE || key == K_CANCEL || key == K_GONE ||
		    key == CTRL_G)
			return 0;
		if (key > ' ' && key < 0x7f && strchr(choices, key) != NULL)
			return key;
	}
}
