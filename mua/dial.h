/*
 * dial.h - reaching a server of an account: name, address, TLS, and a sentence
 * for a person where it does not work.
 */
#ifndef MUA_DIAL_H
#define MUA_DIAL_H

#include "mua/account.h"
#include "mua/task.h"

enum { DIAL_SENTENCE = 600 };

struct conn;
struct tls_context;

/* One connection, from dial_open() to dial_close(). */
struct dial {
	const struct account *account;
	const struct account_host *host;
	enum wire_protocol protocol;
	struct task *task;
	struct tls_context *tls; /* NULL with ACCOUNT_TLS_OFF */
	struct conn *conn;
	int status; /* of sysexits.h, of the first failure */
	char why[DIAL_SENTENCE];
};

/*
 * Connects to HOST, which is one of ACCOUNT's, and with ACCOUNT_TLS_IMPLICIT
 * shakes hands.  All that is said is tapped for TASK, and its stop is heeded.
 * 0; -1 with dial->why.  dial_close() is due in either case.
 */
int dial_open(struct dial *dial, struct task *task,
    const struct account *account, const struct account_host *host,
    enum wire_protocol protocol);

/* For after STLS: the handshake.  0, or -1 with dial->why. */
int dial_secure(struct dial *dial);

/*
 * Fills dial->why for a connection that is broken (conn_error), DOING what:
 * "greeting us".  Returns -1.
 */
int dial_explain(struct dial *dial, const char *doing);

/* The first failure: a sentence and a status; -1. */
int dial_fail(struct dial *dial, int status, const char *fmt, ...) PRINTF(3, 4);

/* "pop3_tls" or "smtp_port": the key in mua.conf. */
const char *dial_key(const struct dial *dial, const char *what);

void dial_close(struct dial *dial);

#endif
