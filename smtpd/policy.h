/*
 * policy.h - who may send what to whom: the relay rules.
 *
 * Two tables of rules (policy.c), one for senders and one for recipients; the
 * first that applies gives the reply.  Nothing else in smtpd decides about
 * addresses.
 */
#ifndef SMTPD_POLICY_H
#define SMTPD_POLICY_H

#include "common/address.h"
#include "common/config.h"
#include "common/reply.h"

#include <stddef.h>

struct directory;

/* What the rules look at. */
struct policy {
	const struct config *config;
	const struct listener *listener;
	struct directory *directory; /* NULL: it cannot be read now */
	const char *login;           /* user@domain, "" without one */
};

/* May this client send as SENDER?  250, or the refusal. */
struct reply policy_sender(const struct policy *policy,
    const struct address *sender);

/*
 * May this client name RECIPIENT, having named COUNT already?  250, after TAKE
 * was called for every address it leads to; or the refusal, and it was not.
 */
struct reply policy_recipient(const struct policy *policy,
    const struct address *recipient, size_t count,
    void (*take)(void *arg, const struct address *final), void *arg);

#endif
