/*
 * check_relay.c - mail to another host: the connection that is kept, and what
 * is made of hosts that are not there.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "tests/check_relay_world.h"
#include "tests/suites.h"

/* What the server, another process, has seen. */
static struct seen {
	int sessions;
	int messages;
	int refused; /* recipients */
} * seen;

/* How it behaves when a session has had a message. */
enum mood {
	PATIENT,
	CLOSES,       /* at once */
	GOES,         /* at the next MAIL, without a word */
	SAYS_421,     /* to the next MAIL */
	REFUSES_RCPT, /* 550, always */
	NO_BDAT,      /* offers CHUNKING, and takes BDAT for a mistake */
	NO_BDAT_LATE, /* the same; nobody is there for the first message */
};

/* What NO_BDAT says of it. */
static const char *refusal;

static pid_t server;

static void
say(FILE *to, const char *words)
{
	fprintf(to, "%s\r\n", words);
	fflush(to);
}

static void
take_text(FILE *from, FILE *to)
{
	char line[1024];

	say(to, "354 go on");
	while (fgets(line, sizeof(line), from) != NULL)
		if (strcmp(line, ".\r\n") == 0)
			break;
	seen->messages++;
	say(to, "250 2.0.0 Ok");
}

/* One session. */
static void
talk(FILE *from, FILE *to, enum mood mood)
{
	char line[1024];
	bool no_bdat = mood == NO_BDAT || mood == NO_BDAT_LATE;
	int had = 0;

	say(to, "220 far.example ESMTP");
	while (fgets(line, sizeof(line), from) != NULL) {
		bool again = strncmp(line, "MAIL", 4) == 0 && had > 0;

		if (again && mood == SAYS_421)
			say(to, "421 4.4.2 far.example too long");
		if (again && (mood == SAYS_421 || mood == GOES))
			return;
		if (strncmp(line, "DATA", 4) == 0) {
			take_text(from, to);
			if (++had > 0 && mood == CLOSES)
				return;
		} else if (no_bdat && strncmp(line, "EHLO", 4) == 0) {
			say(to, "250-far.example\r\n250 CHUNKING");
		} else if (no_bdat && strncmp(line, "BDAT", 4) == 0) {
			say(to, refusal);
		} else if (strncmp(line, "RCPT", 4) == 0 &&
		    (mood == REFUSES_RCPT ||
			(mood == NO_BDAT_LATE && seen->refused == 0))) {
			seen->refused++;
			say(to, "550 5.1.1 nobody");
		} else {
			say(to, "250 2.0.0 Ok");
		}
	}
}

static void
serve(int listener, enum mood mood)
{
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		FILE *from = fdopen(fd, "r");
		FILE *to = fdopen(dup(fd), "w");

		seen->sessions++;
		talk(from, to, mood);
		fclose(from);
		fclose(to);
	}
}

static void
start_server(enum mood mood)
{
	int listener = relay_world_listen();

	server = fork();
	ck_assert_int_ne(server, -1);
	if (server == 0) {
		/* Clients leave when they have heard enough. */
		(void)signal(SIGPIPE, SIG_IGN);
		serve(listener, mood);
	}
	close(listener);
}

static void
begin(void)
{
	relay_world_make();
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(seen, MAP_FAILED);
	server = 0;
	relay_world_open();
}

static void
end(void)
{
	relay_world_remove();
	if (server != 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	munmap(seen, sizeof(*seen));
}

static const struct {
	enum mood mood;
	int keep, keep_messages; /* configured */
	int sessions;            /* for three messages */
} reuses[] = {
	{ PATIENT, 5, 100, 1 },
	{ PATIENT, 5, 2, 2 },
	{ PATIENT, 0, 100, 3 },
	{ CLOSES, 5, 100, 3 },
	{ GOES, 5, 100, 3 },
	{ SAYS_421, 5, 100, 3 },
};

START_TEST(a_kept_connection_serves_the_next_message_or_costs_nothing)
{
	struct reply last, why;

	relay_world_config.relay_keep = reuses[_i].keep;
	relay_world_config.relay_keep_messages = reuses[_i].keep_messages;
	start_server(reuses[_i].mood);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(relay_world_send(&last, &why), RCPT_DONE);
		ck_assert_str_eq(last.text, "2.0.0 Ok");
		ck_assert_int_eq(why.code, 0);
	}
	ck_assert_int_eq(seen->messages, 3);
	ck_assert_int_eq(seen->sessions, reuses[_i].sessions);
}
END_TEST

START_TEST(a_refused_recipient_leaves_the_connection_for_the_next)
{
	struct reply last, why;

	start_server(REFUSES_RCPT);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(relay_world_send(&last, &why), RCPT_FAILED);
		ck_assert_str_eq(last.text, "5.1.1 nobody");
		/* That is no trouble of the destination's. */
		ck_assert_int_eq(why.code, 0);
	}
	ck_assert_int_eq(seen->sessions, 1);
}
END_TEST

/* RFC 5321 4.2.2: 500 to 504 are about the command. */
static const struct {
	const char *refusal;
	int keep;
	int sessions; /* for three messages: one more than else */
} without_bdat[] = {
	{ "500 5.5.2 what?", 5, 2 },
	{ "502 5.5.1 not implemented", 5, 2 },
	{ "503 5.5.1 bad sequence", 5, 2 },
	{ "504 5.5.4 no", 0, 4 },
};

START_TEST(who_offers_chunking_and_refuses_bdat_gets_data_at_once)
{
	struct reply last, why;

	relay_world_config.relay_chunking = true;
	relay_world_config.relay_keep = without_bdat[_i].keep;
	refusal = without_bdat[_i].refusal;
	start_server(NO_BDAT);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(relay_world_send(&last, &why), RCPT_DONE);
		ck_assert_str_eq(last.text, "2.0.0 Ok");
		ck_assert_int_eq(why.code, 0);
	}
	ck_assert_int_eq(seen->messages, 3);
	ck_assert_int_eq(seen->sessions, without_bdat[_i].sessions);
}
END_TEST

/* Sends one message; how often the log says WORDS meanwhile. */
static int
count_in_log(const char *words, enum recipient_state wanted)
{
	struct reply last, why;
	struct buf said = BUF_INIT;
	int kept = dup(STDERR_FILENO);
	int fd = memfd_create("log", MFD_CLOEXEC);
	int count = 0;

	ck_assert_int_ne(dup2(fd, STDERR_FILENO), -1);
	ck_assert_int_eq(relay_world_send(&last, &why), wanted);
	ck_assert_int_ne(dup2(kept, STDERR_FILENO), -1);
	close(kept);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(buf_read(&said, fd, SIZE_MAX), 0);
	close(fd);
	for (const char *s = said.data; (s = strstr(s, words)) != NULL; s++)
		count++;
	buf_clear(&said);
	return count;
}

START_TEST(the_log_says_once_that_a_host_refuses_bdat)
{
	static const char words[] = " event=relay-without-bdat id=";
	bool late = _i == 1;

	relay_world_config.relay_chunking = true;
	refusal = "500 5.5.2 what?";
	start_server(late ? NO_BDAT_LATE : NO_BDAT);
	/* The connection is kept, and BDAT was not said on it yet. */
	if (late) {
		ck_assert_int_eq(count_in_log(words, RCPT_FAILED), 0);
		ck_assert_int_eq(seen->sessions, 1);
	}
	ck_assert_int_eq(count_in_log(words, RCPT_DONE), 1);
	ck_assert_int_eq(seen->sessions, 2);
	ck_assert_int_eq(count_in_log(words, RCPT_DONE), 0);
	ck_assert_int_eq(seen->sessions, 2);
}
END_TEST

START_TEST(a_kept_connection_ends_when_it_is_told_to)
{
	struct reply last, why;

	start_server(PATIENT);
	ck_assert_int_eq(relay_kept_fd(relay_world), -1);
	relay_world_send(&last, &why);
	ck_assert_int_ne(relay_kept_fd(relay_world), -1);
	relay_hang_up(relay_world);
	ck_assert_int_eq(relay_kept_fd(relay_world), -1);
	relay_world_send(&last, &why);
	ck_assert_int_eq(seen->sessions, 2);
}
END_TEST

START_TEST(who_cannot_be_reached_is_a_trouble_of_the_destination)
{
	struct reply last, why;

	/* Nobody listens there any more. */
	close(relay_world_listen());
	ck_assert_int_eq(relay_world_send(&last, &why), RCPT_PENDING);
	ck_assert_int_eq(why.code, 451);
	ck_assert_int_eq(strncmp(why.text, "4.4.1 connect to ", 17), 0);
	ck_assert_str_eq(last.text, why.text);
}
END_TEST

START_TEST(the_way_anew_ends_where_nobody_is_either)
{
	struct reply last, why;

	start_server(PATIENT);
	ck_assert_int_eq(relay_world_send(&last, &why), RCPT_DONE);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	server = 0;
	ck_assert_int_eq(relay_world_send(&last, &why), RCPT_PENDING);
	ck_assert_int_eq(why.code, 451);
	ck_assert_int_eq(strncmp(last.text, "4.4.1 connect to ", 17), 0);
}
END_TEST

Suite *
relay_suite(void)
{
	Suite *suite = suite_create("relay");
	TCase *tc = tcase_create("relay");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_loop_test(tc,
	    a_kept_connection_serves_the_next_message_or_costs_nothing, 0,
	    COUNT(reuses));
	tcase_add_test(tc,
	    a_refused_recipient_leaves_the_connection_for_the_next);
	tcase_add_loop_test(tc,
	    who_offers_chunking_and_refuses_bdat_gets_data_at_once, 0,
	    COUNT(without_bdat));
	tcase_add_loop_test(tc, the_log_says_once_that_a_host_refuses_bdat, 0,
	    2);
	tcase_add_test(tc, a_kept_connection_ends_when_it_is_told_to);
	tcase_add_test(tc,
	    who_cannot_be_reached_is_a_trouble_of_the_destination);
	tcase_add_test(tc, the_way_anew_ends_where_nobody_is_either);
	suite_add_tcase(suite, tc);
	return suite;
}
