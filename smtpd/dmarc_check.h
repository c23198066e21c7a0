/*
 * dmarc_check.h - does the author's domain vouch for the message (DMARC, RFC
 * 7489)?
 *
 * For the judging helper alone.
 */
#ifndef SMTPD_DMARC_CHECK_H
#define SMTPD_DMARC_CHECK_H

struct bounded_dns;
struct findings;

/*
 * Reads the Public Suffix List, before the sandbox.  Without it (logged) only
 * an author's very domain is known, and nothing above it.
 */
void dmarc_check_open(void);

/* Fills in the rest of FINDINGS, from its signatures, SPF and author. */
void dmarc_check(struct bounded_dns *dns, struct findings *findings);

#endif
