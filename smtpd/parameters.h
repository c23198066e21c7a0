/*
 * parameters.h - what may stand behind the address in MAIL and RCPT.
 *
 * Pure: text in, struct and reply out.  A parameter that was not offered in
 * EHLO is refused (555), one that is given twice or with a wrong value is a
 * mistake (501).
 */
#ifndef SMTPD_PARAMETERS_H
#define SMTPD_PARAMETERS_H

#include "common/reply.h"

#include <stdbool.h>
#include <stdint.h>

/* What MAIL said.  All zero to begin with. */
struct mail_parameters {
	int64_t size;      /* SIZE (RFC 1870), 0 without */
	bool eight_bit;    /* BODY=8BITMIME (RFC 6152) */
	bool auth_offered; /* in: AUTH= (RFC 4954 5) is known */
	unsigned seen;
};

/* Reads TEXT, what follows the path.  250, 501 or 555. */
struct reply parameters_of_mail(const char *text,
    struct mail_parameters *parameters);

/* RCPT has none as yet. */
struct reply parameters_of_rcpt(const char *text);

#endif
