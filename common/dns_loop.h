/*
 * dns_loop.h - libunbound's events, in this process and for a limited time.
 *
 * Private to dns*.c.  ub_resolve() waits as long as the name servers let it,
 * and the library's other calls make a thread or a process, unless somebody
 * else waits for its sockets: this does, by poll(2).
 */
#ifndef COMMON_DNS_LOOP_H
#define COMMON_DNS_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct dns_loop;
struct ub_event_base;

struct dns_loop *dns_loop_new(void);

/* After the library's context, whose events it has.  NULL is allowed. */
void dns_loop_free(struct dns_loop *loop);

/* For ub_ctx_create_ub_event(). */
struct ub_event_base *dns_loop_base(struct dns_loop *loop);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t dns_loop_now(void);

/*
 * Lets the library work until *WAITING, which its callbacks count down, is 0.
 * False when it is UNTIL first.
 */
bool dns_loop_run(struct dns_loop *loop, const int *waiting, int64_t until);

#endif
