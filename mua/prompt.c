/*
 * prompt.c - asks for a line, or for a letter, in the last row.
 */
#include "mua/prompt.h"

#include "mua/line_editor.h"
#include "mua/text.h"

#include <string.h>

/* How long a question waits for a key before it looks again. */
enum { PATIENCE_SECONDS = 3600 };

/* A question that is being answered. */
struct prompt {
	struct ui *ui;
	const char *question;
	struct line_editor editor;
	bool secret;
	prompt_complete *complete; /* may be NULL */
	void *arg;
	struct lines choices; /* of the last Tab */
	size_t at;            /* in the history */
	struct buf draft;     /* what was typed before an arrow up */
};

/* The choices in the rows above the status line, as many as there is room. */
static void
draw_choices(const struct prompt *prompt, struct screen_text *screen)
{
	const struct lines *choices = &prompt->choices;
	size_t room = (size_t)view_height(screen);
	size_t shown = choices->count < room ? choices->count : room;
	int row = screen->rows - 2 - (int)shown;

	for (size_t i = 0; i < shown; i++, row++) {
		bool more = i + 1 == shown && shown < choices->count;

		screen_clear_row(screen, row);
		screen_field(screen, row, STYLE_PART,
		    more ? "..." : choices->items[i].text, screen->columns);
	}
}

/* Puts the text and the cursor into the last row, scrolled if need be. */
static void
draw_prompt(const struct prompt *prompt)
{
	struct ui *ui = prompt->ui;
	struct screen_text *screen = &ui->screen;
	const struct buf *text = prompt->editor.text;
	size_t cursor = prompt->editor.cursor;
	size_t from = 0;
	int last;
	int room;
	int columns;

	ui_compose(ui); /* the terminal may have a new size */
	last = screen->rows - 1;
	room = screen->columns - 1;
	draw_choices(prompt, screen);
	if (text_columns(prompt->question, strlen(prompt->question)) <
		room / 2 ||
	    text->size == 0 || prompt->secret)
		screen_add(screen, last, STYLE_LABEL, prompt->question);
	screen->cursor_row = last;
	screen->cursor_column = screen->lines[last].used;
	if (!prompt->secret) {
		room -= screen->lines[last].used;
		while (from < cursor &&
		    text_columns(text->data + from, cursor - from) > room)
			from += text_next(text->data + from, &columns);
		screen->cursor_column +=
		    text_columns(text->data + from, cursor - from);
		screen_add(screen, last, STYLE_NORMAL, text->data + from);
	}
	ui->terminal->show(ui->terminal, screen);
}

static void
complete(struct prompt *prompt)
{
	struct line_editor *editor = &prompt->editor;
	struct buf before = BUF_INIT;

	buf_add(&before, editor->text->data, editor->cursor);
	prompt->complete(prompt->arg, &before, &prompt->choices);
	if (prompt->choices.count == 1)
		lines_clear(&prompt->choices);
	line_editor_replace(editor, &before);
	buf_clear(&before);
}

static void
go_back(struct prompt *prompt)
{
	const struct history *history = &prompt->ui->history;
	bool first = prompt->at >= history->count;
	const char *answer =
	    history_older(history, prompt->question, &prompt->at);

	if (answer == NULL)
		return;
	if (first) {
		buf_reset(&prompt->draft);
		buf_addstr(&prompt->draft, prompt->editor.text->data);
	}
	line_editor_set(&prompt->editor, answer);
}

static void
go_forth(struct prompt *prompt)
{
	const struct history *history = &prompt->ui->history;
	const char *answer;

	if (prompt->at >= history->count)
		return;
	answer = history_newer(history, prompt->question, &prompt->at);
	line_editor_set(&prompt->editor,
	    answer != NULL ? answer : prompt->draft.data);
}

/* A key that does not end the question. */
static void
edit(struct prompt *prompt, int key)
{
	lines_clear(&prompt->choices);
	switch (key) {
	case K_TAB:
		if (prompt->complete != NULL)
			complete(prompt);
		break;
	case K_ARROW_UP:
	case CTRL_P:
		if (!prompt->secret)
			go_back(prompt);
		break;
	case K_ARROW_DOWN:
	case CTRL_N:
		go_forth(prompt);
		break;
	default:
		line_editor_key(&prompt->editor, key);
	}
}

/* Whether the person gives up with KEY. */
static bool
gives_up(int key)
{
	return key == K_ESCAPE || key == K_CANCEL || key == K_GONE ||
	    key == CTRL_G || (key & K_META) != 0;
}

static bool
ask(struct prompt *prompt)
{
	struct ui *ui = prompt->ui;
	const struct buf *answer = prompt->editor.text;
	bool answered = false;

	buf_reset(&ui->message);
	prompt->editor.cursor = answer->size;
	prompt->at = ui->history.count;
	for (;;) {
		int key;

		draw_prompt(prompt);
		key = ui_read_key(ui);
		answered = key == K_RETURN;
		if (answered || gives_up(key) ||
		    (key == K_RUBOUT && answer->size == 0))
			break;
		edit(prompt, key);
	}
	if (answered && !prompt->secret)
		history_add(&ui->history, prompt->question, answer->data);
	lines_clear(&prompt->choices);
	buf_clear(&prompt->draft);
	return answered;
}

bool
prompt_line_complete(struct ui *ui, const char *question, struct buf *answer,
    prompt_complete *complete_by, void *arg)
{
	struct prompt prompt = {
		.ui = ui,
		.question = question,
		.editor = { .text = answer },
		.complete = complete_by,
		.arg = arg,
		.draft = BUF_INIT,
	};

	return ask(&prompt);
}

bool
prompt_line(struct ui *ui, const char *question, struct buf *answer)
{
	return prompt_line_complete(ui, question, answer, NULL, NULL);
}

bool
prompt_secret(struct ui *ui, const char *question, struct buf *answer)
{
	struct prompt prompt = {
		.ui = ui,
		.question = question,
		.editor = { .text = answer },
		.secret = true,
		.draft = BUF_INIT,
	};

	return ask(&prompt);
}

/* The question with the cursor behind it; its end if it is too long. */
static void
draw_question(struct ui *ui, const char *question)
{
	struct screen_text *screen = &ui->screen;
	int last;
	int columns;

	buf_reset(&ui->message);
	ui_compose(ui);
	last = screen->rows - 1;
	while (text_columns(question, strlen(question)) >= screen->columns &&
	    *question != '\0')
		question += text_next(question, &columns);
	screen_add(screen, last, STYLE_LABEL, question);
	screen->cursor_row = last;
	screen->cursor_column = screen->lines[last].used;
	ui->terminal->show(ui->terminal, screen);
}

int
prompt_key(struct ui *ui, const char *question)
{
	typing_forget(&ui->typing);
	for (;;) {
		int key;

		draw_question(ui, question);
		key = ui_read_key(ui);
		if (gives_up(key))
			return 0;
		if (key != K_NOTHING && key != K_RESIZED)
			return key;
	}
}

int
prompt_choice(struct ui *ui, const char *question, const char *choices)
{
	for (;;) {
		int key = prompt_key(ui, question);

		if (key == 0)
			return 0;
		if (key > ' ' && key < 0x7f && strchr(choices, key) != NULL)
			return key;
	}
}
