/*
 * dkim_check.h - are a message's DKIM signatures good (RFC 6376, 8301, 8463)?
 *
 * For the judging helper alone: it reads what anybody has sent.
 */
#ifndef SMTPD_DKIM_CHECK_H
#define SMTPD_DKIM_CHECK_H

struct bounded_dns;
struct dkim_lib;
struct findings;

/* The library set up, before the sandbox; NULL (logged) when it cannot be. */
struct dkim_lib *dkim_check_open(void);

/*
 * Looks at the message on FD: fills in the signatures and the author of
 * FINDINGS.  0, or -1 (logged) when the message cannot be read.
 */
int dkim_check(struct dkim_lib *library, struct bounded_dns *dns, int fd,
    struct findings *findings);

#endif
