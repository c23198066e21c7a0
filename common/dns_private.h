/*
 * dns_private.h - the inside of struct dns, for dns*.c alone.
 */
#ifndef COMMON_DNS_PRIVATE_H
#define COMMON_DNS_PRIVATE_H

#include "common/dns.h"
#include "common/dns_hosts.h"

#include <stdbool.h>

struct dns {
	struct dns_hosts hosts;
	struct dns_loop *loop;
	struct ub_ctx *context; /* NULL: it could not be made, or none */
	bool none;              /* resolver = none */
	int timeout;            /* seconds for what is asked at once */
	bool secure;            /* the last answer: dns_was_secure() */
	char canonical[DOMAIN_MAX + 1];
};

/*
 * RFC 1035 3.1: labels, each behind its length, the last one empty; to text.
 * False when it is none, or no host's name; the root is "".
 */
bool dns_take_name(const unsigned char *data, size_t size,
    char name[DOMAIN_MAX + 1]);

#endif
