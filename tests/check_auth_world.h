/*
 * check_auth_world.h - a state folder with accounts and the auth helper of a
 * program "test" running on it, for the suites about AUTH.
 *
 * alice and bob log in, carol is disabled; the password of each is the name
 * and "-pass".  The test's process is in the state folder meanwhile.
 */
#ifndef TESTS_CHECK_AUTH_WORLD_H
#define TESTS_CHECK_AUTH_WORLD_H

#include "common/auth.h"

#include <sys/types.h>

extern pid_t auth_helper_pid;

/* The master's end of the helper's channel. */
extern int auth_helper_channel;

/* Milliseconds that the next helper lets pass before it tells a failure. */
enum { HASTY = 50, AS_SHIPPED = 1000, NEVER = 600 * 1000 };
extern int auth_world_pause; /* HASTY */

/* Whether the next one takes APOP. */
extern bool auth_world_apop; /* true */

/* Makes the folder and starts the helper. */
void auth_world_open(bool grants);
void auth_world_close(void);

/* Starts it anew.  An attempt waits for it, up to a second. */
void auth_helper_start(bool grants);
void auth_helper_kill(void);

/* An attempt over TLS from 192.0.2.1 with MECHANISM. */
struct auth_start auth_world_start(const char *mechanism);

/* The same, begun; INITIAL is NULL without an initial response. */
enum auth_result auth_world_begin(const char *mechanism, const void *initial,
    size_t size, struct auth **auth_out, struct buf *challenge);

/* USER and PASS, from PEER. */
enum auth_result auth_world_password(const char *user, const char *password,
    const char *peer);

/* That alice can log in now. */
void auth_world_check(void);

/*
 * Logs in as the client side of libsasl2 does.  LOGIN (ADDRESS_TEXT_MAX bytes)
 * is "" unless it succeeds.
 */
enum auth_result auth_world_sasl(const char *mechanism, const char *user,
    const char *password, char *login);

#endif
