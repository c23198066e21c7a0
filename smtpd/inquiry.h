/*
 * inquiry.h - what the queue manager answers to requests (queue_request.h).
 *
 * Answers come from its memory; only for a list are envelopes read, as many as
 * are shown.
 */
#ifndef SMTPD_INQUIRY_H
#define SMTPD_INQUIRY_H

#include "common/buf.h"
#include "common/config.h"
#include "smtpd/queue_request.h"
#include "smtpd/schedule.h"
#include "smtpd/turns.h"

#include <stdbool.h>

struct inquiry {
	const struct config *config;
	int queue;
	struct schedule *schedule;
	struct turns *turns;
	bool rescan; /* set: all files are to be looked at anew */
};

/* Appends the answer to REQUEST to ANSWER, and does what was asked for. */
void inquiry_answer(struct inquiry *inquiry,
    const struct queue_request *request, struct buf *answer);

#endif
