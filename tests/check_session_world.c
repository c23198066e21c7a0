/*
 * check_session_world.c - a session without a loop: what a client would say is
 * executed at once, and the other end of its connection only held open.
 */
#include "tests/check_session_world.h"

#include <sys/socket.h>
#include <unistd.h>

#include "common/conn.h"
#include "tests/check_smtpd_world.h"
#include "tests/suites.h"

struct session world_session;
struct listener world_session_listener;

static const struct peer peer = { .address = "127.0.0.1", .uid = -1 };
static int client = -1;

void
session_world_make(void)
{
	int fds[2];

	smtpd_world_make();
	world_session_listener = world_listener();
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	client = fds[1];
	world_session = (struct session){
		.service = &world_service,
		.conn = conn_open(fds[0], 30),
		.listener = &world_session_listener,
		.peer = &peer,
		.state = FRESH,
	};
}

void
session_world_remove(void)
{
	session_reset(&world_session);
	conn_close(world_session.conn);
	close(client);
	smtpd_world_remove();
}

struct reply
world_say(const char *line)
{
	char copy[16384];

	ck_assert(copy_string(copy, sizeof(copy), line));
	return session_execute(&world_session, copy);
}

void
world_bring_to(enum session_state state)
{
	if (state != FRESH)
		ck_assert_int_eq(world_say("EHLO desk").code, 250);
	if (state == SENDER || state == RCPTS)
		ck_assert_int_eq(world_say("MAIL FROM:<a@b.example>").code,
		    250);
	if (state == RCPTS)
		ck_assert_int_eq(world_say("RCPT TO:<bob@campus.example>").code,
		    250);
	ck_assert_int_eq(world_session.state, state);
}
