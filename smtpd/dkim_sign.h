/*
 * dkim_sign.h - the signatures of a message (RFC 6376, 8463), by libopendkim.
 *
 * For the signing helper alone: it has the keys.
 */
#ifndef SMTPD_DKIM_SIGN_H
#define SMTPD_DKIM_SIGN_H

#include "common/buf.h"

struct dkim_lib;

/* The library set up, before the sandbox; NULL (logged) when it cannot be. */
struct dkim_lib *dkim_sign_open(void);

/*
 * Appends a DKIM-Signature field, LF line ends, for each key of DOMAIN to the
 * message on FD; none when its author in From is not of the domain AUTHOR: who
 * sends as one domain must not sign for another.  0; -1 (logged) when it cannot
 * be signed now.
 */
int dkim_sign_message(struct dkim_lib *library, const char *domain,
    const char *author, int fd, struct buf *to);

#endif
