/*
 * route.h - where mail for other hosts goes.
 *
 * The [route NAME] sections first, of which the most exact one wins: one for
 * the recipient's and the sender's domain, for the recipient's domain, for the
 * sender's, for all (*).  In each, a whole domain goes before .domain, a
 * longer .domain before a shorter, and both before *.
 *
 * Without one, or with host = mx, DNS decides (RFC 5321 5.1): the MX records
 * by preference, equal ones at random, else the domain's own addresses.
 * Where we are among them ourselves, only better ones are tried.  At most
 * ROUTE_HOSTS_MAX hosts and ROUTE_HOPS_MAX addresses.
 */
#ifndef SMTPD_ROUTE_H
#define SMTPD_ROUTE_H

#include "common/config.h"
#include "common/dns.h"
#include "common/reply.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { ROUTE_HOSTS_MAX = 10, ROUTE_HOPS_MAX = 20 };

struct hop {
	char host[DOMAIN_MAX + 1];       /* for certificates and the log */
	struct sockaddr_storage address; /* with its port */
	struct sockaddr_storage source;  /* to bind to; AF_UNSPEC: to none */
	enum relay_tls tls;
	/* How it was found is proved by DNSSEC, and its TLSA records count. */
	bool secure;
	char tlsa_base[DOMAIN_MAX + 1]; /* host, behind its CNAMEs */
	char domain[DOMAIN_MAX + 1];    /* of the recipients */
	bool implicit;                  /* TLS from the first byte */
	const char *login;         /* of a smarthost, "" without; CONFIG's */
	const char *password_file; /* below the state folder; CONFIG's */
};

struct route {
	struct hop *hops; /* in the order to try */
	size_t count;
};

/*
 * The section for mail of SENDER (an address, "" for <>) to DOMAIN; NULL when
 * none is, and then MX decides.  Mail for which it is the same one, and its
 * host not "mx", goes to the same place.
 */
const struct route_rule *route_pick(const struct config *config,
    const char *sender, const char *domain);

/* Whether we are a backup MX of DOMAIN, which a section names. */
bool route_is_backup(const struct config *config, const char *domain);

/*
 * Where mail of SENDER to DOMAIN (a name, or a literal such as [192.0.2.1])
 * goes.  250 with at least one hop; else 4xx (DNS does not answer, a
 * smarthost has no address) or 5xx, and no hops.
 */
struct reply route_find(struct dns *dns, const struct config *config,
    const char *sender, const char *domain, struct route *route_out);

/* A route that route_find() filled in, whatever it said. */
void route_clear(struct route *route);

#endif
