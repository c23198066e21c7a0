/*
 * on_screen.c - the mua on a terminal, as mua.conf wants it.
 */
#include "mua/on_screen.h"

#include "mua/colours.h"
#include "mua/screen.h"
#include "mua/send.h"
#include "mua/unfinished.h"
#include "mua/views.h"

#include <stdio.h>
#include <sysexits.h>

/* One's own letters come before the mail that has come. */
static void
ask_for_letters(struct ui *ui)
{
	send_ask(ui);
	unfinished_ask(ui);
}

int
on_screen(const struct start *start, struct mailbox **mailbox)
{
	short colours[STYLE_COUNT];
	struct terminal *terminal;
	const char *reason;
	char why[256];
	struct ui ui;
	int rc;

	if (!colours_read(start->accounts->colors, colours, why, sizeof(why))) {
		fprintf(stderr, "mua: %s: colors: %s\n", start->config, why);
		return EX_CONFIG;
	}
	terminal = screen_open(&reason);
	if (terminal == NULL) {
		fprintf(stderr,
		    "mua: %s; mua -f MAILDIR list and show N need none\n",
		    reason);
		return EX_UNAVAILABLE;
	}
	screen_use_colours(colours);
	if (start->accounts->mouse)
		screen_use_mouse();
	ui_init(&ui, terminal, *mailbox);
	ui.accounts = start->accounts;
	ui.account = start->own;
	ui.begun = ask_for_letters;
	rc = ui_run(&ui, index_view_new);
	*mailbox = ui.mailbox; /* it may be another one now */
	ui_clear(&ui);
	screen_close(terminal);
	return rc == -1 ? EX_NOINPUT : EX_OK;
}
