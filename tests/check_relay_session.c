/*
 * check_relay_session.c - conversations with a host on loopback, from one
 * connection to the next: what is said on them in which order, what is done
 * when the host leaves, goes mad or cannot do TLS.
 *
 * The host plays a script; a client that does anything else is a fault.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/conn.h"
#include "common/tls.h"
#include "tests/check_relay_world.h"
#include "tests/check_tls_peers.h"
#include "tests/suites.h"

enum { SESSIONS = 3, STEPS = 16, MESSAGES = 3, PATIENCE = 30 };

/* What the host does when it has answered. */
enum act {
	GO_ON,
	TAKE_TEXT, /* up to the dot, then "250 2.0.0 Ok" */
	TAKE_MORE, /* likewise, and a reply that nobody asked for */
	SPOIL,     /* says something that is no TLS, and closes */
	SECURE,    /* the handshake, which must succeed */
	TRY_TLS,   /* the handshake, which the client ends */
	LEAVE,     /* closes */
};

/* A line that begins so, and the answer; without an answer a line is read. */
struct step {
	const char *expect;
	const char *say;
	enum act act;
};

/* clang-format off */
#define GREET { NULL, "220 far.example ESMTP", GO_ON }
#define HELLO { "EHLO mx.campus.example", "250 far.example", GO_ON }
#define HELLO_TLS { "EHLO mx.campus.example", \
	"250-far.example\r\n250 STARTTLS", GO_ON }
#define MAIL { "MAIL FROM:<a@campus.example>", "250 2.1.0 Ok", GO_ON }
#define RCPT { "RCPT TO:<b@far.example>", "250 2.1.5 Ok", GO_ON }
#define NOBODY { "RCPT TO:<b@far.example>", "550 5.1.1 nobody", GO_ON }
#define RSET { "RSET", "250 2.0.0 Ok", GO_ON }
#define TEXT { "DATA", "354 go on", TAKE_TEXT }
#define START(act) { "STARTTLS", "220 2.0.0 go on", act }
#define BYE { "QUIT", "221 2.0.0 Bye", LEAVE }
#define LETTER MAIL, RCPT, TEXT
#define TAKEN { RCPT_DONE, "2.0.0 Ok" }
/* clang-format on */

/* What became of a message. */
struct fate {
	enum recipient_state state;
	const char *words; /* the last word begins so */
};

struct play {
	const char *what;
	enum relay_tls tls;
	const char *authority; /* whom we trust, a file; NULL: nobody */
	struct step sessions[SESSIONS][STEPS];
	struct fate fates[MESSAGES];
};

/* clang-format off */
static const struct play plays[] = {
	{ "one connection for all", RELAY_TLS_OFF, NULL,
	  { { GREET, HELLO, LETTER, LETTER, LETTER, BYE } },
	  { TAKEN, TAKEN, TAKEN } },
	{ "a message that nobody wants is reset", RELAY_TLS_OFF, NULL,
	  { { GREET, HELLO, MAIL, NOBODY, RSET, LETTER, MAIL, NOBODY, RSET, BYE } },
	  { { RCPT_FAILED, "5.1.1 nobody" }, TAKEN,
	    { RCPT_FAILED, "5.1.1 nobody" } } },
	{ "a host that leaves between messages", RELAY_TLS_OFF, NULL,
	  { { GREET, HELLO, MAIL, RCPT, TEXT, { "MAIL", NULL, LEAVE } },
	    { GREET, HELLO, LETTER, LETTER, BYE } },
	  { TAKEN, TAKEN, TAKEN } },
	{ "a host that takes its leave between messages", RELAY_TLS_OFF, NULL,
	  { { GREET, HELLO, MAIL, RCPT, TEXT,
	      { "MAIL", "421 4.4.2 far.example too long", LEAVE } },
	    { GREET, HELLO, LETTER, LETTER, BYE } },
	  { TAKEN, TAKEN, TAKEN } },
	{ "421 in the middle, of the first message", RELAY_TLS_OFF, NULL,
	  { { GREET, HELLO, MAIL,
	      { "RCPT", "421 4.3.2 far.example going down", LEAVE } },
	    { GREET, HELLO, LETTER, BYE } },
	  { { RCPT_PENDING, "4.3.2 far.example going down" }, TAKEN } },
	{ "421 instead of a greeting", RELAY_TLS_OFF, NULL,
	  { { { NULL, "421 4.3.2 far.example too busy", LEAVE } },
	    { GREET, HELLO, LETTER, BYE } },
	  { { RCPT_PENDING, "4.4.0 127.0.0.1[127.0.0.1]:" }, TAKEN } },
	{ "a reply too many behind a message", RELAY_TLS_OFF, NULL,
	  { { GREET, HELLO, MAIL, RCPT, { "DATA", "354 go on", TAKE_MORE }, BYE },
	    { GREET, HELLO, LETTER, BYE } },
	  { TAKEN, TAKEN } },
	{ "a reply too many before DATA, so that 250 answers it", RELAY_TLS_OFF,
	  NULL,
	  { { GREET, HELLO, MAIL,
	      { "RCPT", "250 2.1.5 Ok\r\n250 2.1.5 Ok", GO_ON },
	      { "DATA", "354 go on", LEAVE } },
	    { GREET, HELLO, LETTER, BYE } },
	  { { RCPT_PENDING, "4.4.2 conversation with " }, TAKEN } },
	{ "TLS where it is offered", RELAY_TLS_MAY, NULL,
	  { { GREET, HELLO_TLS, START(SECURE), HELLO, LETTER, LETTER, BYE } },
	  { TAKEN, TAKEN } },
	{ "a handshake that fails: in clear, over a new connection",
	  RELAY_TLS_MAY, NULL,
	  { { GREET, HELLO_TLS, START(SPOIL) },
	    { GREET, HELLO_TLS, LETTER, LETTER, BYE } },
	  { TAKEN, TAKEN } },
	{ "words of others before the handshake", RELAY_TLS_MAY, NULL,
	  { { GREET, HELLO_TLS,
	      { "STARTTLS", "220 2.0.0 go on\r\n250 2.0.0 Ok", TRY_TLS } },
	    { GREET, HELLO_TLS, LETTER, BYE } },
	  { TAKEN } },
	{ "STARTTLS is refused: in clear, over the same", RELAY_TLS_MAY, NULL,
	  { { GREET, HELLO_TLS, { "STARTTLS", "454 4.7.0 not now", GO_ON },
	      LETTER, BYE } },
	  { TAKEN } },
	{ "TLS is not offered where it need not be", RELAY_TLS_MAY, NULL,
	  { { GREET, HELLO, LETTER, BYE } },
	  { TAKEN } },
	{ "encrypt: a handshake that fails is waited for", RELAY_TLS_ENCRYPT,
	  NULL,
	  { { GREET, HELLO_TLS, START(SPOIL) },
	    { GREET, HELLO_TLS, START(SECURE), HELLO, LETTER, BYE } },
	  { { RCPT_PENDING, "4.7.5 TLS with 127.0.0.1[127.0.0.1]:" }, TAKEN } },
	{ "encrypt: what is refused is waited for", RELAY_TLS_ENCRYPT, NULL,
	  { { GREET, HELLO_TLS, { "STARTTLS", "454 4.7.0 not now", GO_ON }, BYE } },
	  { { RCPT_PENDING, "4.4.0 127.0.0.1[127.0.0.1]:" } } },
	{ "encrypt: what is not offered is waited for", RELAY_TLS_ENCRYPT, NULL,
	  { { GREET, HELLO, BYE } },
	  { { RCPT_PENDING, "4.7.4 127.0.0.1[127.0.0.1]:" } } },
	{ "encrypt: any certificate will do", RELAY_TLS_ENCRYPT, NULL,
	  { { GREET, HELLO_TLS, START(SECURE), HELLO, LETTER, BYE } },
	  { TAKEN } },
	{ "verify: the right one", RELAY_TLS_VERIFY, "ca.pem",
	  { { GREET, HELLO_TLS, START(SECURE), HELLO, LETTER, LETTER, BYE } },
	  { TAKEN, TAKEN } },
	{ "verify: of nobody whom we trust", RELAY_TLS_VERIFY, NULL,
	  { { GREET, HELLO_TLS, START(TRY_TLS) } },
	  { { RCPT_PENDING, "4.7.5 TLS with 127.0.0.1[127.0.0.1]:" } } },
	{ "verify: never in clear", RELAY_TLS_VERIFY, "ca.pem",
	  { { GREET, HELLO_TLS, START(SPOIL) }, { GREET, HELLO, BYE } },
	  { { RCPT_PENDING, "4.7.5 TLS with 127.0.0.1[127.0.0.1]:" },
	    { RCPT_PENDING, "4.7.4 127.0.0.1[127.0.0.1]:" } } },
};
/* clang-format on */

/* What the host, another process, tells. */
static struct seen {
	int over; /* sessions that came to their end */
	char fault[200];
} * seen;

static pid_t host;

/* The first fault is the one to know. */
static void
complain(const struct play *play, const char *expected, const char *got)
{
	if (seen->fault[0] == '\0')
		(void)snprintf(seen->fault, sizeof(seen->fault),
		    "%.60s: \"%.60s\" instead of \"%.60s\"", play->what, got,
		    expected);
}

static void
take_text(struct conn *conn, bool more)
{
	char line[1024];

	while (conn_getline(conn, line, sizeof(line)) == CONN_LINE)
		if (strcmp(line, ".") == 0)
			break;
	conn_putline(conn, "250 2.0.0 Ok");
	if (more)
		conn_putline(conn, "250 2.0.0 And another");
}

/* False: the session is over. */
static bool
do_act(const struct play *play, struct conn *conn, enum act act)
{
	switch (act) {
	case GO_ON:
		return true;
	case TAKE_TEXT:
	case TAKE_MORE:
		take_text(conn, act == TAKE_MORE);
		(void)conn_flush(conn);
		return true;
	case SPOIL:
		conn_putline(conn, "what handshake?");
		(void)conn_flush(conn);
		return false;
	case SECURE:
		if (tls_accept(conn, tls_test_context, NULL) == -1)
			complain(play, "a handshake", conn_error(conn));
		return true;
	case TRY_TLS:
		/* With TLS 1.3 it is the client that finds fault. */
		if (tls_accept(conn, tls_test_context, NULL) == 0) {
			char line[100];

			if (conn_getline(conn, line, sizeof(line)) != CONN_END)
				complain(play, "the end", line);
		}
		return false;
	case LEAVE:
		break;
	}
	return false;
}

static void
converse(const struct play *play, const struct step *steps, struct conn *conn)
{
	char line[1024];

	for (const struct step *step = steps;
	     step->expect != NULL || step->say != NULL; step++) {
		if (step->expect != NULL &&
		    conn_getline(conn, line, sizeof(line)) != CONN_LINE) {
			complain(play, step->expect, "the end");
			return;
		}
		if (step->expect != NULL &&
		    strncmp(line, step->expect, strlen(step->expect)) != 0)
			complain(play, step->expect, line);
		if (step->say != NULL)
			conn_putline(conn, "%s", step->say);
		(void)conn_flush(conn);
		if (!do_act(play, conn, step->act))
			return;
	}
	/* Whose script has no end is left by the client. */
	if (conn_getline(conn, line, sizeof(line)) == CONN_LINE)
		complain(play, "the end", line);
}

_Noreturn static void
serve(const struct play *play, int listener)
{
	(void)signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0;; i++) {
		int fd = accept(listener, NULL, NULL);
		struct conn *conn = conn_open(fd, PATIENCE);

		if (i == SESSIONS || play->sessions[i][0].say == NULL)
			complain(play, "no connection", "one more");
		else
			converse(play, play->sessions[i], conn);
		conn_close(conn);
		seen->over++;
	}
}

static void
start_host(const struct play *play)
{
	int listener = relay_world_listen();

	host = fork();
	ck_assert_int_ne(host, -1);
	if (host == 0)
		serve(play, listener);
	close(listener);
}

static int
count_sessions(const struct play *play)
{
	int count = 0;

	while (count < SESSIONS && play->sessions[count][0].say != NULL)
		count++;
	return count;
}

/* Waits until the host has seen the end of them all. */
static void
await_sessions(int count)
{
	for (int i = 0; i < PATIENCE * 1000 && seen->over < count; i++)
		usleep(1000);
	ck_assert_int_eq(seen->over, count);
}

static void
begin(void)
{
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(seen, MAP_FAILED);
	host = 0;
	relay_world_make();
}

static void
end(void)
{
	relay_world_remove();
	if (host != 0) {
		kill(host, SIGKILL);
		waitpid(host, NULL, 0);
	}
	munmap(seen, sizeof(*seen));
}

START_TEST(a_host_hears_what_it_should_and_no_message_is_lost)
{
	const struct play *play = &plays[_i];
	char *authority = tls_test_file(
	    play->authority == NULL ? "nobody.pem" : play->authority);
	struct reply last, why;

	relay_world_rule.tls = play->tls;
	if (play->authority != NULL)
		relay_world_config.relay_ca_file = authority;
	relay_world_open();
	start_host(play);
	for (size_t i = 0; i < MESSAGES && play->fates[i].words != NULL; i++) {
		const struct fate *fate = &play->fates[i];
		enum recipient_state state = relay_world_send(&last, &why);

		ck_assert_msg(state == fate->state &&
			strncmp(last.text, fate->words, strlen(fate->words)) ==
			    0,
		    "%s, message %zu: %d %s; the host: %s", play->what, i + 1,
		    last.code, last.text, seen->fault);
	}
	relay_hang_up(relay_world);
	await_sessions(count_sessions(play));
	ck_assert_str_eq(seen->fault, "");
	free(authority);
}
END_TEST

Suite *
relay_session_suite(void)
{
	Suite *suite = suite_create("relay_session");
	TCase *tc = tcase_create("relay_session");

	tcase_set_timeout(tc, 120);
	tcase_add_unchecked_fixture(tc, tls_test_setup, tls_test_teardown);
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_loop_test(tc,
	    a_host_hears_what_it_should_and_no_message_is_lost, 0,
	    COUNT(plays));
	suite_add_tcase(suite, tc);
	return suite;
}
