/*
 * relay_tls.h - how a connection to a host shall be encrypted: what its route
 * asks for, and what the host's TLSA records say (RFC 7672).
 */
#ifndef SMTPD_RELAY_TLS_H
#define SMTPD_RELAY_TLS_H

#include "common/config.h"
#include "common/dns.h"
#include "common/reply.h"
#include "common/tls_dane.h"
#include "smtpd/route.h"

struct relay_tls_plan {
	/* RELAY_TLS_DANE: encrypted, with a certificate by the records below */
	enum relay_tls level;
	const char *host;     /* whom to ask for in the handshake */
	struct tls_dane dane; /* count 0 without DANE */
	struct dns_tlsa *records;
};

/*
 * Asks for TLSA records where HOP's route says dane and DNSSEC has proved the
 * way to it.  250; or 451 when the name servers do not answer, so that nobody
 * can make us do without by silencing them (RFC 7672 2.1).  PLAN_OUT lives as
 * long as HOP; relay_tls_clear() in either case.
 */
struct reply relay_tls_choose(struct dns *dns, const struct hop *hop,
    struct relay_tls_plan *plan_out);

void relay_tls_clear(struct relay_tls_plan *plan);

#endif
