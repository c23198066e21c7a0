/*
 * check_authenticity_world.h - a name server with the records of a test.
 */
#ifndef TESTS_CHECK_AUTHENTICITY_WORLD_H
#define TESTS_CHECK_AUTHENTICITY_WORLD_H

#include "smtpd/bounded_dns.h"
#include "tests/check_dns_server.h"

/* A hundred questions in a minute. */
extern struct bounded_dns authenticity_dns;

void authenticity_world_make(const struct dns_row *rows);
void authenticity_world_remove(void);

#endif
