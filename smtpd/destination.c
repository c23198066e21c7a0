/* destination.c - a mailbox here, a route's name, or a domain. */
#include "smtpd/destination.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "smtpd/route.h"

static const char *
domain_of(const char *address)
{
	const char *at = strrchr(address, '@');

	return at == NULL ? "" : at + 1;
}

void
destination_of(const struct config *config, const struct queue_entry *envelope,
    const struct queue_recipient *rcpt, char to[DESTINATION_SIZE])
{
	const char *domain = domain_of(rcpt->address);
	const struct route_rule *rule;

	if (rcpt->local) {
		(void)copy_string(to, DESTINATION_SIZE, DESTINATION_HERE);
		return;
	}
	rule = route_pick(config, envelope->sender, domain);
	if (rule != NULL && strcmp(rule->host, "mx") != 0) {
		(void)snprintf(to, DESTINATION_SIZE, "route %s", rule->name);
		return;
	}
	(void)copy_string(to, DESTINATION_SIZE, domain);
	for (char *c = to; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
}

bool
destination_is(const struct config *config, const struct queue_entry *envelope,
    const struct queue_recipient *rcpt, const char *destination)
{
	char its[DESTINATION_SIZE];

	if (rcpt->state != RCPT_PENDING)
		return false;
	destination_of(config, envelope, rcpt, its);
	return strcmp(its, destination) == 0;
}
