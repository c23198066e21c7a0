/*
 * route_list.h - MX records in the order in which they are tried.
 *
 * Private to route*.c.  The lists are sorted by preference, as dns_mx() gives
 * them.
 */
#ifndef SMTPD_ROUTE_LIST_H
#define SMTPD_ROUTE_LIST_H

#include "common/dns.h"

#include <stdbool.h>
#include <stddef.h>

/* Those of the same preference come in any order (RFC 5321 5.1). */
void route_list_shuffle(struct dns_mx *list, size_t count);

/* Whether the host of LIST[N] stands before it already. */
bool route_list_repeats(const struct dns_mx *list, size_t n);

/* How many records come before the first of preference LIMIT. */
size_t route_list_better(const struct dns_mx *list, size_t count, int limit);

/* Whether they say that there is no mail (RFC 7505). */
bool route_list_is_null(const struct dns_mx *list, size_t count);

#endif
