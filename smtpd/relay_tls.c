/*
 * relay_tls.c - from a route's word and TLSA records to what is done.
 *
 * Records of which none can be used still say that there is TLS: then it must
 * be, with any certificate (RFC 7672 2.2).
 */
#include "smtpd/relay_tls.h"

#include <stdlib.h>
#include <strings.h>

#include "smtpd/route_own.h"

/* A password is not shown to everybody unless that was said. */
static enum relay_tls
least_for(const struct hop *hop)
{
	return *hop->login != '\0' || hop->implicit ? RELAY_TLS_ENCRYPT
						    : RELAY_TLS_MAY;
}

/* At the name behind the CNAMEs first, then at the host's own (2.2.2). */
static enum dns_found
ask(struct dns *dns, const struct hop *hop, struct relay_tls_plan *plan)
{
	int port = route_port(&hop->address);
	enum dns_found found = dns_tlsa(dns, hop->tlsa_base, port,
	    &plan->records, &plan->dane.count);

	plan->host = hop->tlsa_base;
	if (found == DNS_YES && dns_was_secure(dns))
		return DNS_YES;
	if (found == DNS_LATER || strcasecmp(hop->tlsa_base, hop->host) == 0)
		return found == DNS_YES ? DNS_NO_DATA : found;
	free(plan->records);
	found =
	    dns_tlsa(dns, hop->host, port, &plan->records, &plan->dane.count);
	plan->host = hop->host;
	return found == DNS_YES && !dns_was_secure(dns) ? DNS_NO_DATA : found;
}

static bool
is_any_usable(const struct relay_tls_plan *plan)
{
	for (size_t i = 0; i < plan->dane.count; i++)
		if (tls_dane_is_usable(&plan->records[i]))
			return true;
	return false;
}

struct reply
relay_tls_choose(struct dns *dns, const struct hop *hop,
    struct relay_tls_plan *plan)
{
	*plan = (struct relay_tls_plan){ .level = hop->tls };
	if (hop->tls == RELAY_TLS_DANE && hop->secure && dns != NULL) {
		switch (ask(dns, hop, plan)) {
		case DNS_LATER:
			return reply(451,
			    "4.7.5 the name servers do not say whether %s has "
			    "TLSA records",
			    hop->host);
		case DNS_YES:
			if (!is_any_usable(plan))
				plan->level = RELAY_TLS_ENCRYPT;
			plan->dane.records = plan->records;
			plan->dane.names[0] = plan->host;
			plan->dane.names[1] = hop->host;
			plan->dane.names[2] = hop->domain;
			return reply(250, "2.0.0 Ok");
		case DNS_NO_NAME:
		case DNS_NO_DATA:
			break;
		}
	}
	plan->host = hop->host;
	if (hop->tls == RELAY_TLS_DANE || hop->tls == RELAY_TLS_MAY)
		plan->level = least_for(hop);
	return reply(250, "2.0.0 Ok");
}

void
relay_tls_clear(struct relay_tls_plan *plan)
{
	free(plan->records);
	*plan = (struct relay_tls_plan){ .records = NULL };
}
