/*
 * check_etrn.c - ETRN, QUEUE and the operator, with a real queue manager.
 *
 * The recipients are those of check_smtpd_world.h.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "smtpd/manager.h"
#include "smtpd/queue_request.h"
#include "smtpd/rights.h"
#include "tests/check_folder.h"
#include "tests/check_smtpd_world.h"
#include "tests/suites.h"

static pid_t manager;
static int channel = -1;

static void
start_manager(void)
{
	int ends[2];

	world_config.queue_retry_min = 1000;
	world_config.queue_retry_max = 1000;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	manager = fork();
	ck_assert_int_ne(manager, -1);
	if (manager == 0) {
		/* As from a master: nothing else of ours is open. */
		(void)dup2(ends[0], STDERR_FILENO + 1);
		closefrom(STDERR_FILENO + 2);
		_exit(manager_run(&world_config, STDERR_FILENO + 1));
	}
	close(ends[0]);
	channel = ends[1];
}

static void
stop_manager(void)
{
	int status;

	close(channel);
	ck_assert_int_eq(waitpid(manager, &status, 0), manager);
	ck_assert_int_eq(status, 0);
}

/* How often the delivery of ENVELOPE was tried. */
static int
attempts(const struct queue_entry *envelope)
{
	struct queue_entry entry;
	int n = queue_read(world_queue, envelope->id, false, &entry) == 0
	    ? entry.attempts
	    : -1;

	queue_entry_clear(&entry);
	return n;
}

static void
await_attempts(const struct queue_entry *envelope, int count)
{
	const struct timespec moment = { .tv_nsec = 50 * 1000 * 1000 };

	for (int i = 0; i < 600 && attempts(envelope) != count; i++)
		nanosleep(&moment, NULL);
	ck_assert_int_eq(attempts(envelope), count);
}

static const char *
play(const char *wire)
{
	const struct listener listener = world_listener();

	return world_play(&listener, wire);
}

static void
ck_says(const char *all, const char *expected)
{
	ck_assert_msg(strstr(all, expected) != NULL, "%s", all);
}

/* RFC 1985: 253 and a number, 251 for none, 458 when nobody answers. */
START_TEST(etrn_has_what_waits_for_a_domain_tried)
{
	static const char etrn[] = "EHLO x\r\nETRN campus.example\r\nQUIT\r\n";
	struct queue_entry envelope;

	ck_says(play(etrn), "\r\n458 4.3.0 ");
	world_start_mda();
	start_manager();
	ck_says(play(etrn), "\r\n251 2.0.0 ");
	world_take("later", &envelope);
	await_attempts(&envelope, 1);
	for (int i = 2; i < 5; i++) {
		ck_says(play(etrn), "\r\n253 2.0.0 OK, 1 pending ");
		await_attempts(&envelope, i);
	}
	ck_says(play("EHLO x\r\nETRN @campus.example\r\nQUIT\r\n"),
	    "\r\n253 2.0.0 OK, 1 pending ");
	await_attempts(&envelope, 5);
	stop_manager();
	queue_entry_clear(&envelope);
}
END_TEST

static char all[] = "*";
static char none[] = "";
static char mx[] = "mx";
static char kept[] = "kept.example";
static char far[] = "far.example";

/* clang-format off */
static struct route_rule rules[] = {
	{ .name = kept, .domains = kept, .senders = all, .host = mx,
	  .login = none, .password_file = none, .backup = true },
	{ .name = far, .domains = far, .senders = all, .host = mx,
	  .login = none, .password_file = none },
};
/* clang-format on */

/* The host whose backup MX we are asks for its mail; nobody else's is told. */
START_TEST(etrn_is_for_domains_that_are_backed_up_too)
{
	world_config.routes = rules;
	world_config.route_count = COUNT(rules);
	start_manager();
	ck_says(play("EHLO x\r\nETRN KEPT.example\r\nQUIT\r\n"),
	    "\r\n251 2.0.0 ");
	ck_says(play("EHLO x\r\nETRN far.example\r\nQUIT\r\n"),
	    "\r\n459 4.7.1 ");
	stop_manager();
}
END_TEST

/* It would else be read again and again, and nobody told anything. */
START_TEST(a_damaged_envelope_is_read_once)
{
	struct listener listener = world_listener();
	struct buf answer = BUF_INIT;

	world_config.listeners = &listener;
	world_config.listener_count = 1;
	folder_write("queue/3F2A9C01B7D4E5.env",
	    "postlab-queue 1\nid 00000000000000\nrcpt 0 a@b local\n");
	start_manager();
	ck_assert_int_eq(queue_ask("list", "a@b", &answer), 0);
	ck_assert_str_eq(answer.data, "ok 0");
	stop_manager();
	buf_clear(&answer);
}
END_TEST

/* A client cannot turn ETRN into work without an end. */
START_TEST(etrn_brings_no_mail_nearer)
{
	struct buf wire = BUF_INIT;

	buf_addstr(&wire, "EHLO x\r\n");
	for (int i = 0; i < 120; i++)
		buf_addstr(&wire, "ETRN far.example\r\n");
	ck_says(play(wire.data), "421 4.7.0 ");
	buf_clear(&wire);
}
END_TEST

/* Takes the lock, which the manager may hold for a moment. */
static int
lock_envelope(const char *id)
{
	const struct timespec moment = { .tv_nsec = 50 * 1000 * 1000 };
	int fd = queue_lock(world_queue, id);

	for (int i = 0; i < 600 && fd == -1; i++) {
		nanosleep(&moment, NULL);
		fd = queue_lock(world_queue, id);
	}
	ck_assert_int_ne(fd, -1);
	return fd;
}

/* As "postlab queue" does it, while the manager sleeps. */
START_TEST(what_the_operator_does_to_the_files_is_seen)
{
	const struct timespec moment = { .tv_nsec = 300 * 1000 * 1000 };
	struct buf answer = BUF_INIT;
	struct queue_entry envelope;
	int fd;

	world_take("bob", &envelope);
	start_manager();
	await_attempts(&envelope, 2);
	fd = lock_envelope(envelope.id);
	ck_assert_int_eq(queue_hold(fd), 0);
	close(fd);
	ck_assert_int_eq(queue_ask("look", envelope.id, &answer), 0);
	nanosleep(&moment, NULL);
	ck_assert_int_eq(queue_ask("retry", envelope.id, &answer), 0);
	ck_assert_str_eq(answer.data, "held");
	world_start_mda();
	sleep(2);
	ck_assert_int_eq(world_delivered("@"), 0);
	fd = lock_envelope(envelope.id);
	ck_assert_int_eq(queue_release(fd), 0);
	/* Nothing happens to it before the lock is free. */
	ck_assert_int_eq(queue_ask("look", envelope.id, &answer), 0);
	nanosleep(&moment, NULL);
	ck_assert_int_eq(world_delivered(envelope.id), 0);
	close(fd);
	await_attempts(&envelope, -1);
	ck_assert_int_eq(world_delivered(envelope.id), 1);
	stop_manager();
	buf_clear(&answer);
	queue_entry_clear(&envelope);
}
END_TEST

/*
 * From inside a worker's sandbox: what is harmless is answered, what is the
 * operator's is not, neither as a request nor with the files.
 */
_Noreturn static void
try_as_worker(const char *id)
{
	static const char *const refused[] = { "hold", "release", "delete",
		"remove", "bounce" };
	const struct sandbox rights = rights_of_worker(&world_config);
	struct buf answer = BUF_INIT;
	struct queue_entry entry;

	if (sandbox_enter(&rights) == -1)
		_exit(1);
	if (queue_ask("flush", "campus.example", &answer) == -1 ||
	    !queue_answer_is(&answer, "ok"))
		_exit(2);
	for (size_t i = 0; i < COUNT(refused); i++) {
		if (queue_ask(refused[i], id, &answer) == -1 ||
		    !queue_answer_is(&answer, "no"))
			_exit(3);
		if (queue_ask(refused[i], "all", &answer) == -1 ||
		    !queue_answer_is(&answer, "no"))
			_exit(4);
	}
	if (sandbox_landlock_abi() < 3)
		_exit(0); /* such a kernel cannot refuse the rest */
	if (queue_lock(world_queue, id) != -1 ||
	    queue_read(world_queue, id, true, &entry) != -1 ||
	    queue_read(world_queue, id, false, &entry) != -1 ||
	    queue_own(world_queue) != -1 || queue_remove(world_queue, id) != -1)
		_exit(5);
	_exit(0);
}

START_TEST(a_worker_that_was_taken_over_cannot_hold_or_delete)
{
	struct queue_entry envelope;
	struct queue_entry entry;
	int status;
	pid_t pid;

	world_take("later", &envelope);
	start_manager();
	await_attempts(&envelope, 2);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		try_as_worker(envelope.id);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(queue_read(world_queue, envelope.id, false, &entry),
	    0);
	ck_assert(!entry.held);
	queue_entry_clear(&entry);
	stop_manager();
	queue_entry_clear(&envelope);
}
END_TEST

Suite *
etrn_suite(void)
{
	Suite *suite = suite_create("etrn");
	TCase *tc = tcase_create("etrn");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, smtpd_world_make, smtpd_world_remove);
	tcase_add_test(tc, etrn_has_what_waits_for_a_domain_tried);
	tcase_add_test(tc, a_damaged_envelope_is_read_once);
	tcase_add_test(tc, etrn_is_for_domains_that_are_backed_up_too);
	tcase_add_test(tc, etrn_brings_no_mail_nearer);
	tcase_add_test(tc, what_the_operator_does_to_the_files_is_seen);
	tcase_add_test(tc, a_worker_that_was_taken_over_cannot_hold_or_delete);
	suite_add_tcase(suite, tc);
	return suite;
}
