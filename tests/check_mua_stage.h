/*
 * check_mua_stage.h - a mailbox and a terminal for tests of the mua.
 *
 * The terminal is a list of keys to be typed and a copy of the screen as it
 * was when each of them was read; when the keys are used up it is gone, which
 * ends ui_run().
 */
#ifndef TESTS_CHECK_MUA_STAGE_H
#define TESTS_CHECK_MUA_STAGE_H

#include "mua/ui.h"

/* Makes the Maildir "box" in the current folder. */
void stage_box(void);

/*
 * Puts a message into box: new/NAME or, where NAME has flags (":2,S"),
 * cur/NAME.
 */
void stage_message(const char *name, const char *text);

/* A short message "Subject: SUBJECT" from SENDER. */
void stage_letter(const char *name, const char *sender, const char *subject);

/* Whether box has the file PATH ("cur/1.a.b:2,S"). */
bool stage_has(const char *path);

/* A key that is none: runs the function set with stage_meanwhile(). */
enum { STAGE_MEANWHILE = 0x120000 };
void stage_meanwhile(void (*run)(void));

/* A key that is none: the one behind it is typed during a long work. */
enum { STAGE_IMPATIENT = 0x120001 };

/*
 * Runs the mua on PATH, on a screen of ROWS by COLUMNS, and types KEYS (0 ends
 * them).  Returns whether the program was left by a key rather than when the
 * keys were used up.
 */
bool stage_run(const char *path, int rows, int columns, const int *keys);

/* Row ROW (negative: from the bottom, -1 the last) before the last key. */
const char *stage_row(int row);

/* Whether any row has TEXT; the style of its first byte in STYLE_OUT. */
bool stage_shows(const char *text, enum style *style_out);

#endif
