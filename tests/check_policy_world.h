/*
 * check_policy_world.h - a policy in the world of check_smtpd_world.h.
 */
#ifndef TESTS_CHECK_POLICY_WORLD_H
#define TESTS_CHECK_POLICY_WORLD_H

#include "common/address.h"
#include "smtpd/policy.h"

/* That of policy_make(), which a test may change. */
extern struct listener policy_listener;

/* As world_listener() has it, for a session with LOGIN, "" without. */
struct policy policy_make(const char *login);

/* TEXT parsed; "" is the null address. */
struct address policy_address(const char *text);

#endif
