/*
 * parameters.h - what may stand behind the address in MAIL and RCPT.
 *
 * Pure: text in, struct and reply out.  A parameter that the listener's EHLO
 * does not offer is refused (555), one that is given twice or with a wrong
 * value is a mistake (501).
 */
#ifndef SMTPD_PARAMETERS_H
#define SMTPD_PARAMETERS_H

#include "common/config.h"
#include "common/dsn.h"
#include "common/orcpt.h"
#include "common/reply.h"

#include <stdbool.h>
#include <stdint.h>

/* What MAIL said.  All zero to begin with, but for the first. */
struct mail_parameters {
	const struct listener *listener; /* whose EHLO was heard */
	int64_t size;                    /* SIZE (RFC 1870), 0 without */
	bool eight_bit;                  /* BODY=8BITMIME (RFC 6152) */
	bool utf8;                       /* SMTPUTF8 (RFC 6531) */
	char ret[DSN_RET_SIZE];          /* RET (RFC 3461): FULL, HDRS or "" */
	char envid[DSN_ENVID_SIZE];      /* ENVID, in xtext, or "" */
	unsigned seen;
};

/* What RCPT said, likewise. */
struct rcpt_parameters {
	const struct listener *listener;
	bool utf8;                    /* the transaction's */
	char notify[DSN_NOTIFY_SIZE]; /* NOTIFY in upper case, or "" */
	char orcpt[ORCPT_MAX + 1];    /* ORCPT as given, or "" */
	unsigned seen;
};

/* Read TEXT, what follows the path.  250, 501 or 555. */
struct reply parameters_of_mail(const char *text,
    struct mail_parameters *parameters);
struct reply parameters_of_rcpt(const char *text,
    struct rcpt_parameters *parameters);

/*
 * Those that go along with the message, as the queue keeps them and the next
 * hop gets them: "BODY=8BITMIME RET=HDRS ENVID=x".  The caller frees.
 */
char *parameters_keep_mail(const struct mail_parameters *parameters);
char *parameters_keep_rcpt(const struct rcpt_parameters *parameters);

#endif
