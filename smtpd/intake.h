/*
 * intake.h - the text of a message on its way in: DATA, or chunk by chunk.
 *
 * Lives from its first octet until the transaction ends, and holds what has
 * come so far (spool.h), in what state its reading is (receive.h), and until
 * when all of it must be there.
 */
#ifndef SMTPD_INTAKE_H
#define SMTPD_INTAKE_H

#include "common/reply.h"
#include "smtpd/receive.h"

#include <stdint.h>

struct conn;
struct session;

struct intake {
	struct stamp stamp;
	char *results; /* in it; may be NULL */
	struct mail_spool spool;
	struct receive receive;
	int64_t until; /* seconds of a clock that only goes forward */
};

/* For the transaction of S, whose strings the stamp points to. */
struct intake *intake_new(const struct session *s);
void intake_free(struct intake *intake);

/*
 * Sets the connection's deadline for what comes now.  False when the time for
 * this message is over: a client must not hold a worker with small chunks.
 */
bool intake_set_deadline(const struct intake *intake, struct conn *conn);

/* A descriptor with the message, the intake's own; or -1 (logged). */
int intake_message(struct intake *intake);

#endif
