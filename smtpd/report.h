/*
 * report.h - delivery reports: whether one is owed, and its text.
 *
 * RFC 3461 6 says who gets one, RFC 6522 and 3464 what it looks like, RFC 6533
 * how it differs where an address has other letters than ASCII.  A report goes
 * to the reverse-path, never to what stands in From.  Mail from <>, as reports
 * are, and that of a sender to whom there is no way is reported to the
 * postmaster when it fails; when that fails too, it is kept for the operator.
 *
 * Pure but for reading the message.
 */
#ifndef SMTPD_REPORT_H
#define SMTPD_REPORT_H

#include "common/config.h"
#include "smtpd/queue.h"

#include <stdbool.h>
#include <stdint.h>

/* The values of RFC 3464 2.3.3. */
enum report_action {
	REPORT_NONE,
	REPORT_FAILED,    /* given up */
	REPORT_DELAYED,   /* it is tried on */
	REPORT_DELIVERED, /* in the mailbox */
	REPORT_RELAYED,   /* handed on to a host that makes no reports */
	/* Given up, and the sender cannot be told: the postmaster is. */
	REPORT_POSTMASTER,
	REPORT_NOBODY, /* a mark: nor can he */
	/* An alias, which stands for several (RFC 3461 5.2.7.3 (c)). */
	REPORT_EXPANDED,
};

/* The protocol of a report to the postmaster; about such there is none. */
#define REPORT_DOUBLE_BOUNCE "double-bounce"

/*
 * What the sender of ENTRY is owed about recipient I and has not been told;
 * LATE when it has waited long enough for a word in between.  Nothing any more
 * when he cannot be told, REPORT_NONE is what was reported, and a failure is
 * the postmaster's.
 */
enum report_action report_owed(const struct queue_entry *entry, size_t i,
    bool late);

/* Somebody has failed, and nobody was told or can be. */
bool report_is_nobodys(const struct queue_entry *entry);

/* Whether ENTRY has waited for NOTICE seconds; 0: it is never late. */
bool report_is_late(const struct queue_entry *entry, int notice, int64_t now);

/* Whether success will have to be reported about any recipient. */
bool report_is_wanted(const struct queue_entry *entry);

/* Whether something is owed about any recipient. */
bool report_is_owed(const struct queue_entry *entry, bool late);

struct report {
	const struct config *config;
	const struct queue_entry *about;
	const char *to;                    /* whom it is for, an address */
	const enum report_action *actions; /* one for each of its recipients */
	const char *id;                    /* the report's own queue id */
	int64_t when;
	int64_t until;  /* how long it is tried, for REPORT_DELAYED */
	int message_fd; /* the message, LF line ends; -1: it cannot be read */
};

/*
 * Writes the report, a whole message with LF line ends, to SINK.  0; -1 when
 * the sink says so or the message cannot be read (logged).
 */
int report_write(const struct report *report,
    int (*sink)(void *arg, const char *data, size_t size), void *arg);

/* Its Message-Id, without < >. */
char *report_message_id(const struct report *report);

/* The parameters of MAIL that it must have: "", BODY=8BITMIME, SMTPUTF8. */
char *report_parameters(const struct report *report);

#endif
