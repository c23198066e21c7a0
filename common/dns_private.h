/*
 * dns_private.h - what dns*.c share; for nobody else.
 */
#ifndef COMMON_DNS_PRIVATE_H
#define COMMON_DNS_PRIVATE_H

#include "common/dns.h"
#include "common/dns_hosts.h"

#include <stdbool.h>

struct ub_ctx;
struct ub_result;

struct dns {
	struct dns_hosts hosts;
	struct ub_ctx *context; /* NULL: it could not be made, or none */
	bool none;              /* resolver = none */
};

/*
 * One question, whatever NAME is made of.  *RESULT_OUT is NULL unless DNS_YES;
 * to be freed by ub_resolve_free().
 */
enum dns_found dns_ask(struct dns *dns, const char *name, int type,
    struct ub_result **result_out);

/*
 * RFC 1035 3.1: labels, each behind its length, the last one empty; to text.
 * False when it is none, or no host's name; the root is "".
 */
bool dns_take_name(const unsigned char *data, size_t size,
    char name[DOMAIN_MAX + 1]);

#endif
