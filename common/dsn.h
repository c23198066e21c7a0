/*
 * dsn.h - what RFC 3461 lets a client ask for, as values of parameters.
 *
 * RET and ENVID stand behind MAIL, NOTIFY and ORCPT (orcpt.h) behind RCPT.
 * Pure: each function reads one value, and keeps it in the one form that the
 * queue and the next host get.  VALUE is what stands behind "=".
 */
#ifndef COMMON_DSN_H
#define COMMON_DSN_H

#include <stdbool.h>

enum {
	DSN_RET_SIZE = 8,
	DSN_ENVID_MAX = 100, /* octets of xtext, RFC 3461 4.4 */
	DSN_ENVID_SIZE = DSN_ENVID_MAX + 1,
	DSN_NOTIFY_SIZE = 32,
};

/* RET: "FULL" or "HDRS", in whatever case (4.3).  False for all else. */
bool dsn_take_ret(const char *value, char ret[DSN_RET_SIZE]);

/* ENVID: xtext of printable ASCII, kept as it is (4.4). */
bool dsn_take_envid(const char *value, char envid[DSN_ENVID_SIZE]);

/*
 * NOTIFY: "NEVER", or some of SUCCESS, FAILURE and DELAY, each kept once, in
 * upper case and this order (4.1).
 */
bool dsn_take_notify(const char *value, char notify[DSN_NOTIFY_SIZE]);

/* Whether NOTIFY, as kept, has a report of success sent. */
bool dsn_wants_success(const char *notify);

#endif
