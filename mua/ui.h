/*
 * ui.h - the main loop: draw, read a key, act; and the stack of views.
 *
 * It meets the terminal through struct terminal only: screen.c fills it for a
 * real one, tests with a list of keys and a copy of the last screen.
 */
#ifndef MUA_UI_H
#define MUA_UI_H

#include "mua/history.h"
#include "mua/mailbox.h"
#include "mua/typing.h"
#include "mua/view.h"
#include "mua/wire.h"

#include <stdbool.h>
#include <time.h>

struct account;
struct account_list;
struct tasks;

struct terminal {
	int rows; /* kept up to date by read_key */
	int columns;
	/* The next key (keys.h), or K_NOTHING after so many seconds. */
	int (*read_key)(struct terminal *terminal, int seconds);
	void (
	    *show)(struct terminal *terminal, const struct screen_text *screen);
	/* Forget what is believed to be on the screen. */
	void (*redraw)(struct terminal *terminal);
	/* Gives the terminal to another program, as it was; and takes it again,
	 * drawn anew with the next show(). */
	void (*suspend)(struct terminal *terminal);
	void (*resume)(struct terminal *terminal);
	/* read_key also returns (K_NOTHING) once it is readable; 0: none. */
	int wake;
	int click_row; /* of the last K_CLICK */
};

struct ui {
	struct terminal *terminal;
	struct mailbox *mailbox;
	struct view *top;
	struct view *(*first)(struct ui *ui); /* makes the list */
	void (*begun)(struct ui *ui); /* once the list is there; or NULL */
	struct screen_text screen;
	struct buf message; /* the last row, until the next key */
	enum style message_style;
	struct buf search;             /* what / looked for last */
	struct history history;        /* of answers to questions */
	bool on_tagged;                /* the key came behind ";" (targets.h) */
	bool escaped;                  /* the last key was Esc */
	struct typing typing;          /* keys typed during a long work */
	time_t checked;                /* for new mail */
	int check_seconds;             /* and again after so many */
	struct account_list *accounts; /* of mua.conf; the caller's, or NULL */
	struct account *account;       /* whose mailbox this is, or NULL */
	struct tasks *tasks;           /* work under way (task.h), or NULL */
	struct wire_log wires;         /* what was said to servers */
};

/* MAILBOX is loaded in ui_run(), once there is a screen to say so on. */
void ui_init(struct ui *ui, struct terminal *terminal, struct mailbox *mailbox);
void ui_clear(struct ui *ui);

/*
 * Runs with FIRST on the stack until it is empty or the terminal is gone.  0,
 * or -1 when the mailbox could not be read (logged).
 */
int ui_run(struct ui *ui, struct view *(*first)(struct ui *ui));

/*
 * The same for the view on top of the stack, with no word of a mailbox, which
 * may be NULL: for the first form.
 */
void ui_loop(struct ui *ui);

/*
 * Goes over to another mailbox, which it takes over: all views are left, the
 * old mailbox is closed and the list of the new one shown.
 */
void ui_switch(struct ui *ui, struct mailbox *mailbox, struct account *account);

/* The stack.  A view that pops itself must not be used after it. */
void ui_push(struct ui *ui, struct view *view);
void ui_pop(struct ui *ui);

/* Says something in the last row; arguments may be foreign bytes. */
void ui_say(struct ui *ui, const char *fmt, ...) PRINTF(2, 3);
void ui_complain(struct ui *ui, const char *fmt, ...) PRINTF(2, 3);

/*
 * The next key, for questions: waits for it while tasks go on, though none is
 * seen to end.  K_NOTHING: draw anew, something has changed.
 */
int ui_read_key(struct ui *ui);

/*
 * Does what KEY means in TABLES, for the view on top, or says why it cannot.
 * False when it means nothing there.
 */
bool ui_act(struct ui *ui, const struct key_table *const *tables, int key);

/* Draws everything into ui->screen; ui_draw() shows it too. */
void ui_compose(struct ui *ui);
void ui_draw(struct ui *ui);

/* Reads the mailbox again and tells the views. */
void ui_reload(struct ui *ui);

/* The handler of help: the keys of the view on top. */
void ui_help(struct view *view, int key);

/* Handlers that every view has: help, redraw, the wire. */
extern const struct key_table ui_common_keys;

#endif
