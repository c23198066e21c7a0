/*
 * check_dns_world.h - a name server with right and wrong answers, a table of
 * hosts, and what dns.h says of a name, as text.
 */
#ifndef TESTS_CHECK_DNS_WORLD_H
#define TESTS_CHECK_DNS_WORLD_H

#include "common/buf.h"
#include "common/config.h"
#include "common/dns.h"

/* Asks the server and the table; there from make to remove. */
extern struct config *dns_config;

/* Fixtures: a folder, its table hosts, the server, dns_config; all away. */
void dns_world_make(void);
void dns_world_remove(void);

/* A configuration with DNS_SECTION as its [dns]; the caller frees. */
struct config *dns_config_of(const char *dns_section);

/* Appends the records, "10 a, 20 b", or how none were found. */
void dns_show_mx(struct dns *dns, const char *domain, struct buf *to);

/* Appends the addresses, separated by ", ", or how none were found. */
void dns_show_addresses(struct dns *dns, const char *host, struct buf *to);

/* Appends "usage selector matching data" of those on port 25. */
void dns_show_tlsa(struct dns *dns, const char *host, struct buf *to);

#endif
