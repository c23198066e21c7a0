/*
 * account.h - where a person's mail comes from and goes to: mua.conf.
 *
 * One section an account, one key a line:
 *
 *	[mua]
 *	account = campus
 *
 *	[account campus]
 *	full_name = Bob Builder
 *	address = bob@campus.example
 *	pop3_host = mail.campus.example
 *	smtp_host = mail.campus.example
 *	password_command = pass show mail/campus
 *
 * All keys are in account_table.c.  A password is none of them: it comes from
 * a command or is typed once a run (password.h).
 */
#ifndef MUA_ACCOUNT_H
#define MUA_ACCOUNT_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum account_tls {
	ACCOUNT_TLS_OFF,      /* in clear */
	ACCOUNT_TLS_STARTTLS, /* STLS or STARTTLS, or nothing is said */
	ACCOUNT_TLS_IMPLICIT, /* from the first byte: 995, 465 */
};

/* One of its two servers. */
struct account_host {
	char *host; /* "": none */
	int port;   /* 0 in the file: the usual one; never 0 once loaded */
	enum account_tls tls;
	char *login; /* "": as the address */
	char *auth;  /* mechanisms allowed, blank-separated; "": any */
	char *password_command; /* "": it is asked for */

	/* Typed in this run, NULL: not yet.  password.h alone touches it. */
	char *password;
};

struct account {
	char *name;      /* of its section */
	char *full_name; /* UTF-8, "" for none */
	char *address;   /* bob@campus.example */
	char *maildir;   /* absolute, once loaded */
	char *ca_file;   /* authorities in PEM, "": those of the system */
	struct account_host pop3;
	struct account_host smtp;
	bool implicit; /* the lab's: it is in no file */
	bool leave_on_server;
	int leave_days;       /* and remove after so many; 0: never */
	int check_minutes;    /* fetch again after so many; 0: when asked to */
	char *signature_file; /* "" for none */
	int64_t checked;      /* when mail was fetched in this run; 0: not */
	char *sent;           /* Maildir for copies, absolute; "" for none */
};

struct account_list {
	struct account *items;
	size_t count;
	char *first; /* the name of the one to begin with, or "" */
	/* And how the list looks, whoever it belongs to. */
	int sort; /* enum sort (mailbox.h) */
	bool reverse;
	bool mouse;
	char *colors; /* see colours.h */
};

/*
 * Where mua.conf is: $XDG_CONFIG_HOME/postlab/mua.conf, or
 * ~/.config/postlab/mua.conf.  NULL without a home folder.  The caller frees.
 */
char *accounts_path(void);

/*
 * Reads PATH.  An empty list when there is no such file.  NULL when it is
 * wrong or others can read it: WHY is one line with file and line number.
 */
struct account_list *accounts_load(const char *path, char *why, size_t size);
void accounts_free(struct account_list *accounts);

/*
 * Reads PATH again into ACCOUNTS; what was typed in this run, and implicit
 * accounts, stay.  0; -1 with WHY, and nothing has changed.
 */
int accounts_reload(struct account_list *accounts, const char *path, char *why,
    size_t size);

/*
 * Makes [account SECTION] in the file PATH say what ACCOUNT does (under its
 * name, if that is another), durably; ACCOUNT NULL removes it, SECTION NULL
 * adds one.  Comments and all other lines stay.  The file gets mode 0600,
 * missing folders 0700.  0, or -1 with a sentence in WHY.
 */
int account_save(const char *path, const char *section,
    const struct account *account, char *why, size_t size);

/* The account called NAME, NULL for none. */
struct account *accounts_find(const struct account_list *accounts,
    const char *name);

/* The one to begin with: [mua] account, or the first.  NULL: none at all. */
struct account *accounts_first(const struct account_list *accounts);

/*
 * The account whose Maildir is PATH, or whose ADDRESS it is (either may be
 * NULL); NULL for none.  For a reply: who of us was written to.
 */
struct account *accounts_of(const struct account_list *accounts,
    const char *path, const char *address);

/*
 * An account of its own with the fallbacks of all keys, or appended to a list
 * (whose other accounts move).
 */
void account_init(struct account *account, const char *name);
struct account *accounts_append(struct account_list *accounts,
    const char *name);
void account_clear(struct account *account);

/* Fills in what may be left out: ports, Maildir, the login. */
void account_complete(struct account *account);

/* What is wrong with it as a whole, NULL for nothing. */
const char *account_fault(const struct account *account);

/* Whether an account can be called that: letters, digits, - and _ and . */
bool account_is_name(const char *name);

/* The login at HOST: its own, or the address. */
const char *account_login(const struct account *account,
    const struct account_host *host);

/* "~/x" with the home folder in its place; else a copy. */
char *account_expand(const char *path);

/* The other way round, for showing. */
char *account_shorten(const char *path);

#endif
