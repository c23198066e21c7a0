/*
 * reply.h - the mail system's one error type.
 *
 * The SMTP and LMTP servers return it, the client parses it, the queue stores
 * the last one per recipient, the bounce and the log print it.  code / 100:
 * 2 done, 3 go on, 4 keep and try later, 5 give up and bounce.
 */
#ifndef COMMON_REPLY_H
#define COMMON_REPLY_H

#include "common/mem.h"

#include <stdbool.h>

enum { REPLY_TEXT_MAX = 1024 };

/*
 * text begins with the RFC 3463 code where there is one ("2.1.0 Ok").  Lines
 * of a multi-line reply are separated by '\n'; none is longer than 500 bytes.
 * code 0: nothing left to say.
 */
struct reply {
	int code;
	char text[REPLY_TEXT_MAX];
};

/* Makes a reply; a text too long is cut. */
struct reply reply(int code, const char *fmt, ...) PRINTF(2, 3);

bool reply_is_ok(const struct reply *r);        /* 2xx */
bool reply_is_temporary(const struct reply *r); /* 4xx */
bool reply_is_final(const struct reply *r);     /* 5xx */

/* "4.2.2" out of "452 4.2.2 Mailbox full"; "C.0.0" where text has none. */
void reply_status(const struct reply *r, char *status, size_t size);

#endif
