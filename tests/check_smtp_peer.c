/* check_smtp_peer.c - a scripted server for the tests of smtp_client. */
#include "tests/check_smtp_peer.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/log.h"

static pid_t pid;

static void
expect_packet(int fd, const char *expected)
{
	static char got[65536];
	ssize_t n = recv(fd, got, sizeof(got), 0);

	if (n == (ssize_t)strlen(expected) &&
	    memcmp(got, expected, (size_t)n) == 0)
		return;
	fprintf(stderr, "peer: expected %s\npeer:      got %s\n",
	    log_safe(expected),
	    n < 0 ? "an error" : log_safe_bytes(got, (size_t)n));
	_exit(1);
}

static void
play(int fd, const struct exchange *script, bool until_end)
{
	for (; script->expect != NULL || script->send != NULL; script++) {
		if (script->expect != NULL)
			expect_packet(fd, script->expect);
		if (script->send != NULL)
			(void)send(fd, script->send, strlen(script->send),
			    MSG_NOSIGNAL);
	}
	if (until_end)
		expect_packet(fd, "");
}

struct conn *
smtp_peer_start(const struct exchange *script, bool until_end)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		play(ends[1], script, until_end);
		_exit(0);
	}
	close(ends[1]);
	return conn_open(ends[0], 30);
}

void
ck_smtp_peer_was_content(struct conn *conn)
{
	int status;

	conn_close(conn);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

int
smtp_peer_message(const char *data, size_t size)
{
	int fd = memfd_create("message", MFD_CLOEXEC);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write_all(fd, data, size), 0);
	return fd;
}

struct reply
smtp_peer_send(const struct exchange *script, const char *text,
    struct smtp_client *client, struct smtp_transaction *t)
{
	static struct smtp_recipient to;
	struct reply r;

	if (t->recipients == NULL) {
		to = (struct smtp_recipient){ "a@y.example", "", { 0 } };
		t->recipients = &to;
		t->recipient_count = 1;
	}
	if (t->sender == NULL)
		t->sender = "s@x.example";
	if (t->parameters == NULL)
		t->parameters = "";
	t->fd = smtp_peer_message(text, strlen(text));
	client->conn = smtp_peer_start(script, true);
	r = smtp_send(client, t);
	close(t->fd);
	ck_smtp_peer_was_content(client->conn);
	return r;
}
