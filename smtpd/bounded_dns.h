/*
 * bounded_dns.h - DNS for a judgement: what a message names is asked for so
 * often and so long and no further.
 */
#ifndef SMTPD_BOUNDED_DNS_H
#define SMTPD_BOUNDED_DNS_H

#include "common/dns_records.h"

#include <stdint.h>

struct bounded_dns {
	struct dns *dns;
	int64_t until; /* milliseconds of CLOCK_MONOTONIC */
	int questions; /* that may still be asked */
};

/* QUESTIONS within SECONDS, and what the last of them takes. */
struct bounded_dns bounded_dns_begin(struct dns *dns, int questions,
    int seconds);

/*
 * As dns_records_ask(); DNS_LATER past the bounds, DNS_NO_NAME for what is no
 * name in DNS.
 */
enum dns_found bounded_dns_ask(struct bounded_dns *bounded, const char *name,
    int type, struct dns_records *records_out);

#endif
