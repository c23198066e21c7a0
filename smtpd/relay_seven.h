/*
 * relay_seven.h - a message in 7 bits, for hosts without 8BITMIME.
 */
#ifndef SMTPD_RELAY_SEVEN_H
#define SMTPD_RELAY_SEVEN_H

#include "common/reply.h"
#include "smtpd/relay_message.h"
#include "smtpd/spool.h"

struct relay_seven {
	struct reply made; /* 250, or why there is none (downgrade.h) */
	struct relay_message message;
	char *signatures; /* as those of the job, for this text */
	struct mail_spool spool;
};

/* Makes it of the message on FD.  Never NULL. */
struct relay_seven *relay_seven_new(int fd);

/* NULL is allowed. */
void relay_seven_free(struct relay_seven *seven);

#endif
