/*
 * check_relay_world.h - mail for everybody goes to a port of this machine.
 */
#ifndef TESTS_CHECK_RELAY_WORLD_H
#define TESTS_CHECK_RELAY_WORLD_H

#include "common/config.h"
#include "smtpd/relay.h"

/* The route and the configuration, to be changed before relay_world_open(). */
extern struct route_rule relay_world_rule;
extern struct config relay_world_config;
extern struct relay *relay_world;

void relay_world_make(void);
void relay_world_open(void);
void relay_world_remove(void);

/* A listener on a free port, which is the route's from now on. */
int relay_world_listen(void);

/*
 * Sends one message from a@campus.example to b@far.example.  Returns what is
 * b's state then, with the last word about him and why nobody was reached.
 */
enum recipient_state relay_world_send(struct reply *last_out,
    struct reply *why_out);

#endif
