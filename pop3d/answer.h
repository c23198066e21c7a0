/*
 * answer.h - replies: made, and sent as one line (RFC 1939 3).
 */
#ifndef POP3D_ANSWER_H
#define POP3D_ANSWER_H

#include "common/mem.h"
#include "common/reply.h"

struct session;

/* +OK and -ERR, in the session's language, and nothing left to say. */
struct reply reply_ok(const struct session *session, const char *fmt, ...)
    PRINTF(2, 3);
struct reply reply_err(struct session *session, const char *fmt, ...)
    PRINTF(2, 3);
struct reply reply_said(void);

/*
 * Sends it.  A refusal goes out without the response codes that are switched
 * off, and with what explain.h has to say, as far as it fits in.
 */
void answer_send(struct session *session, const struct reply *reply);

/* The first line of what has several: +OK and FMT, as reply_ok(). */
void answer_begin(struct session *session, const char *fmt, ...) PRINTF(2, 3);

#endif
