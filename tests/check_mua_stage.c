/* check_mua_stage.c - a mailbox and a terminal for tests of the mua. */
#include "tests/check_mua_stage.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mua/text.h"
#include "mua/views.h"
#include "tests/check_folder.h"

static const int *typed;
static void (*meanwhile)(void);
static struct screen_text shown;
static bool over; /* the keys are used up, what is shown now is not asked for */

void
stage_box(void)
{
	text_use_utf8();
	ck_assert_int_eq(mkdir("box", 0700), 0);
	ck_assert_int_eq(mkdir("box/new", 0700), 0);
	ck_assert_int_eq(mkdir("box/cur", 0700), 0);
	ck_assert_int_eq(mkdir("box/tmp", 0700), 0);
}

void
stage_message(const char *name, const char *text)
{
	char *path = xasprintf("box/%s/%s",
	    strchr(name, ':') == NULL ? "new" : "cur", name);

	folder_write(path, text);
	free(path);
}

void
stage_letter(const char *name, const char *sender, const char *subject)
{
	char *text = xasprintf("From: %s\nTo: bob@campus.example\n"
			       "Date: Sun, 22 Nov 2026 02:13:17 +0000\n"
			       "Subject: %s\n\nText of %s\n",
	    sender, subject, subject);

	stage_message(name, text);
	free(text);
}

bool
stage_has(const char *path)
{
	char *whole = xasprintf("box/%s", path);
	bool there = access(whole, F_OK) == 0;

	free(whole);
	return there;
}

void
stage_meanwhile(void (*run)(void))
{
	meanwhile = run;
}

static int
read_key(struct terminal *terminal, int seconds)
{
	(void)terminal;
	/* Asked during a long work, whether somebody wants to break it off. */
	if (seconds == 0) {
		if (*typed != STAGE_IMPATIENT)
			return K_NOTHING;
		return *++typed == 0 ? K_NOTHING : *typed++;
	}
	if (*typed == STAGE_IMPATIENT)
		typed++;
	if (*typed == 0) {
		over = true;
		return K_GONE;
	}
	if (*typed == STAGE_MEANWHILE) {
		typed++;
		meanwhile();
		return K_NOTHING;
	}
	return *typed++;
}

static void
show(struct terminal *terminal, const struct screen_text *screen)
{
	(void)terminal;
	if (over)
		return;
	screen_text_reset(&shown, screen->rows, screen->columns);
	for (int i = 0; i < screen->rows; i++) {
		const struct screen_row *row = &screen->lines[i];

		buf_add(&shown.lines[i].text, row->text.data, row->text.size);
		buf_add(&shown.lines[i].styles, row->styles.data,
		    row->styles.size);
	}
	shown.cursor_row = screen->cursor_row;
	ck_assert_int_lt(screen->cursor_row, screen->rows);
	ck_assert_int_ge(screen->cursor_row, 0);
}

static void
redraw(struct terminal *terminal)
{
	(void)terminal;
}

static void
suspend_or_resume(struct terminal *terminal)
{
	(void)terminal;
}

bool
stage_run(const char *path, int rows, int columns, const int *keys)
{
	struct terminal terminal = {
		.rows = rows,
		.columns = columns,
		.read_key = read_key,
		.show = show,
		.redraw = redraw,
		.suspend = suspend_or_resume,
		.resume = suspend_or_resume,
	};
	char why[256];
	struct mailbox *mailbox = mailbox_open(path, why, sizeof(why));
	struct ui ui;
	bool left;

	ck_assert_msg(mailbox != NULL, "%s", why);
	typed = keys;
	over = false;
	ui_init(&ui, &terminal, mailbox);
	ui.check_seconds = 1;
	ck_assert_int_eq(ui_run(&ui, index_view_new), 0);
	left = ui.top == NULL;
	ui_clear(&ui);
	mailbox_close(mailbox);
	return left;
}

const char *
stage_row(int row)
{
	if (row < 0)
		row += shown.rows;
	ck_assert_int_lt(row, shown.rows);
	return shown.lines[row].text.data;
}

bool
stage_shows(const char *text, enum style *style_out)
{
	for (int i = 0; i < shown.rows; i++) {
		const struct screen_row *row = &shown.lines[i];
		const char *at = strstr(row->text.data, text);

		if (at == NULL)
			continue;
		if (style_out != NULL)
			*style_out =
			    (enum style)row->styles.data[at - row->text.data];
		return true;
	}
	return false;
}
