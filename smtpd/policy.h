/*
 * policy.h - who may send what to whom: the relay rules.
 *
 * Two tables of rules (policy.c), one for MAIL and one for RCPT; a column says
 * whether a rule is of the MTA's set, of the MSA's, or of both.  The first that
 * applies gives the reply.  Nothing else in smtpd decides about addresses.
 */
#ifndef SMTPD_POLICY_H
#define SMTPD_POLICY_H

#include "common/address.h"
#include "common/config.h"
#include "common/reply.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct directory;

/* One rule was asked: `postlab check-address` shows them. */
struct ruling {
	const char *rule;   /* its name: "relay-needs-login" */
	bool applies;       /* then it is the last, and */
	struct reply reply; /* what the client is told, and */
	const char *reason; /* why, a line in English */
};

/* What the rules look at. */
struct policy {
	const struct config *config;
	const struct listener *listener;
	struct directory *directory; /* NULL: it cannot be read now */
	const char *login;           /* user@domain, "" without one */
	bool tls;                    /* the connection is encrypted */
	/* Sees each rule as it is asked.  May be NULL. */
	void (*asked)(void *arg, const struct ruling *ruling);
	void *arg;
};

/*
 * May this client send as SENDER?  250, or the refusal.  Where sender_policy is
 * free, a sender that is not the login's own is logged: event=sender-differs.
 */
struct reply policy_sender(const struct policy *policy,
    const struct address *sender);

/*
 * May this client name RECIPIENT, having named COUNT already?  250, after TAKE
 * was called for every address it leads to, LOCAL when it is served here; or
 * the refusal, and it was not.
 */
struct reply policy_recipient(const struct policy *policy,
    const struct address *recipient, size_t count,
    void (*take)(void *arg, const struct address *final, bool local),
    void *arg);

/*
 * Prints the rules that can apply on LISTENER, in order, as comments of a
 * configuration file.
 */
void policy_print(const struct listener *listener, FILE *to);

#endif
