/*
 * check_session_world.h - one session of smtpd in the world of
 * check_smtpd_world.h, spoken to command by command.
 */
#ifndef TESTS_CHECK_SESSION_WORLD_H
#define TESTS_CHECK_SESSION_WORLD_H

#include "common/config.h"
#include "smtpd/session.h"

/* Fixtures: make the world and a fresh session in it; take both away. */
void session_world_make(void);
void session_world_remove(void);

/* The session and its listener; a test may change them. */
extern struct session world_session;
extern struct listener world_session_listener;

/* Executes LINE, without its CRLF. */
struct reply world_say(const char *line);

/* Brings a fresh session to STATE by commands, each of which must succeed. */
void world_bring_to(enum session_state state);

#endif
