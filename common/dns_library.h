/*
 * dns_library.h - libunbound, set up.
 *
 * Private to dns*.c.
 */
#ifndef COMMON_DNS_LIBRARY_H
#define COMMON_DNS_LIBRARY_H

struct config;
struct dns_loop;
struct ub_ctx;

/*
 * A context that has read all its files and answers by ub_resolve_event(),
 * while LOOP runs.  NULL
 * when CONFIG does not allow one: a trust anchor that cannot be used is not
 * gone without.  Why is in the log.
 */
struct ub_ctx *dns_library_open(const struct config *config,
    struct dns_loop *loop);

#endif
