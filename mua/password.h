/*
 * password.h - the password of an account: from a command, or typed.
 *
 * It is never written anywhere.  One that was typed is kept until the mua ends
 * or the server refuses it; one from a command is asked for each time.
 */
#ifndef MUA_PASSWORD_H
#define MUA_PASSWORD_H

#include "mua/account.h"

enum { PASSWORD_MAX = 1024 };

struct ui;

/* In place, so that no copy is left where memory grew. */
struct password {
	char text[PASSWORD_MAX + 1];
	size_t size;
};

enum password_result {
	PASSWORD_GOT,
	PASSWORD_GIVEN_UP, /* the person did */
	PASSWORD_FAILED,   /* WHY is a sentence */
};

/*
 * The password of ACCOUNT at HOST, its pop3 or smtp: the one typed before, the
 * first line of its password_command, or what the person types now: in the
 * last row of UI or, with NULL, on the terminal of the process.  The caller
 * forgets it as soon as it can.
 */
enum password_result password_get(struct account *account,
    struct account_host *host, struct ui *ui, struct password *password_out,
    char *why, size_t size);

/* It was refused: what was typed is asked for anew. */
void password_was_wrong(struct account *account, struct account_host *host);

/*
 * Puts stars over the password in TEXT, also in base64, alone or as LOGIN's
 * AUTH PLAIN: a server may repeat what it was sent.
 */
void password_hide(const struct password *password, const char *login,
    char *text);

/* Wipes it. */
void password_forget(struct password *password);

#endif
