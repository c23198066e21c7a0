/*
 * spf_check.h - may this client send for that domain (SPF, RFC 7208)?
 *
 * For the judging helper alone: it reads what anybody puts into DNS.
 */
#ifndef SMTPD_SPF_CHECK_H
#define SMTPD_SPF_CHECK_H

struct bounded_dns;
struct spf_finding;

/* What is known of who sends. */
struct spf_client {
	const char *hostname; /* ours */
	const char *address;  /* the client's */
	const char *helo;
	const char *sender; /* local@domain, "" for <> */
};

/* Asks through DNS. */
void spf_check(struct bounded_dns *dns, const struct spf_client *client,
    struct spf_finding *finding_out);

#endif
