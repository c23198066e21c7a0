/*
 * check_auth_limit.c - failed logins of an address, in one process and in two.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/auth_limit.h"
#include "common/mem.h"
#include "tests/suites.h"

START_TEST(twenty_failures_fill_a_minute_and_time_empties_it)
{
	struct auth_limit *limit = auth_limit_new(200);
	int64_t now = 1000000;

	for (int i = 0; i < 20; i++) {
		ck_assert(
		    !auth_limit_reached(limit, "192.0.2.1", "alice", now));
		auth_limit_failure(limit, "192.0.2.1", "alice", now);
	}
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "alice", now));
	ck_assert(auth_limit_reached(limit, "::ffff:192.0.2.1", "alice", now));
	ck_assert(!auth_limit_reached(limit, "192.0.2.2", "alice", now));
	/* One more try every three seconds. */
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "alice", now + 2999));
	ck_assert(!auth_limit_reached(limit, "192.0.2.1", "alice", now + 3000));
	auth_limit_failure(limit, "192.0.2.1", "alice", now + 3000);
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "alice", now + 3000));
	for (int i = 0; i < 20; i++) {
		ck_assert(!auth_limit_reached(limit, "192.0.2.1", "alice",
		    now + 63000));
		auth_limit_failure(limit, "192.0.2.1", "alice", now + 63000);
	}
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "alice", now + 63000));
	auth_limit_free(limit);
}
END_TEST

START_TEST(many_addresses_do_not_free_the_one_that_is_full)
{
	struct auth_limit *limit = auth_limit_new(200);
	char address[32];

	for (int i = 0; i < 20; i++)
		auth_limit_failure(limit, "192.0.2.1", "alice", 5);
	for (int i = 0; i < 20000; i++) {
		snprintf(address, sizeof(address), "10.%d.%d.1", i / 256 % 256,
		    i % 256);
		auth_limit_failure(limit, address, "alice", 5);
	}
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "alice", 5));
	auth_limit_free(limit);
}
END_TEST

START_TEST(who_guesses_at_one_name_does_not_lock_out_the_class)
{
	struct auth_limit *limit = auth_limit_new(200);

	for (int i = 0; i < 20; i++)
		auth_limit_failure(limit, "192.0.2.1", "Alice", 5);
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "alice", 5));
	ck_assert(!auth_limit_reached(limit, "192.0.2.1", "bob", 5));
	/* Before the name is known. */
	ck_assert(!auth_limit_reached(limit, "192.0.2.1", "", 5));
	auth_limit_free(limit);
}
END_TEST

/* What an address may fail in a minute: the configuration's 200, or 20. */
static const int a_minute[] = { 200, 20 };

START_TEST(who_guesses_at_many_names_is_stopped_by_the_address)
{
	struct auth_limit *limit = auth_limit_new(a_minute[_i]);
	int pause = 60000 / a_minute[_i];
	char name[16];

	for (int i = 0; i < a_minute[_i]; i++) {
		snprintf(name, sizeof(name), "name%d", i);
		ck_assert(!auth_limit_reached(limit, "192.0.2.1", name, 5));
		auth_limit_failure(limit, "192.0.2.1", name, 5);
	}
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "bob", 5));
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "", 5));
	ck_assert(!auth_limit_reached(limit, "192.0.2.2", "bob", 5));
	ck_assert(!auth_limit_reached(limit, "192.0.2.2", "name1", 5));
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "bob", 4 + pause));
	ck_assert(!auth_limit_reached(limit, "192.0.2.1", "bob", 5 + pause));
	auth_limit_free(limit);
}
END_TEST

static char shared[] = "/tmp/check_auth_limit.XXXXXX";

static void
make_shared(void)
{
	int fd;

	copy_string(shared, sizeof(shared), "/tmp/check_auth_limit.XXXXXX");
	fd = mkstemp(shared);
	ck_assert_int_ne(fd, -1);
	close(fd);
}

static void
remove_shared(void)
{
	unlink(shared);
}

static void
fail_often(struct auth_limit *limit, int times)
{
	for (int i = 0; i < times; i++)
		auth_limit_failure(limit, "192.0.2.1", "alice", 1000);
}

/* Two processes at once, neither of which loses what the other counts. */
START_TEST(failures_in_two_processes_are_counted_together)
{
	struct auth_limit *limit = auth_limit_open(shared, 400);
	pid_t child = fork();
	int status;

	if (child == 0) {
		fail_often(auth_limit_open(shared, 400), 200);
		_exit(0);
	}
	for (int i = 0; i < 199; i++)
		auth_limit_failure(limit, "192.0.2.1", "bob", 1000);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "alice", 1000));
	ck_assert(!auth_limit_reached(limit, "192.0.2.1", "carol", 1000));
	auth_limit_failure(limit, "192.0.2.1", "carol", 1000);
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "", 1000));
	auth_limit_free(limit);
	/* A helper that comes after them begins where they were. */
	limit = auth_limit_open(shared, 400);
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "", 1000));
	auth_limit_free(limit);
}
END_TEST

/* Another version's, half of one, nobody's: as if it were new. */
START_TEST(a_file_that_is_no_table_begins_anew)
{
	struct auth_limit *limit;
	FILE *file = fopen(shared, "we");

	ck_assert_ptr_nonnull(file);
	for (int i = 0; i < (_i == 0 ? 10 : 1000000); i++)
		fputc(0x41 + i % 7, file);
	fclose(file);
	limit = auth_limit_open(shared, 200);
	ck_assert(!auth_limit_reached(limit, "192.0.2.1", "alice", 1000));
	fail_often(limit, 20);
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "alice", 1000));
	auth_limit_free(limit);
	limit = auth_limit_open(shared, 200);
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "alice", 1000));
	auth_limit_free(limit);
}
END_TEST

/* The clock began anew: nobody is shut out for what is still to come. */
START_TEST(what_was_counted_before_a_boot_shuts_nobody_out)
{
	struct auth_limit *limit = auth_limit_open(shared, 200);

	for (int i = 0; i < 20; i++)
		auth_limit_failure(limit, "192.0.2.1", "alice", 90000000);
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "alice", 90000000));
	/* Another process may have looked at its clock a moment before. */
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "alice", 89999990));
	ck_assert(!auth_limit_reached(limit, "192.0.2.1", "alice", 5000));
	auth_limit_free(limit);
}
END_TEST

START_TEST(without_the_file_a_process_counts_by_itself)
{
	struct auth_limit *limit;

	remove_shared();
	ck_assert_int_eq(symlink("/etc/passwd", shared), 0);
	limit = auth_limit_open(shared, 200);
	fail_often(limit, 20);
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "alice", 1000));
	auth_limit_free(limit);
}
END_TEST

/* From the beginning, or only later: a mapping would be the process's end. */
START_TEST(on_a_full_disk_a_process_counts_by_itself)
{
	const struct rlimit none = { 4096, RLIM_INFINITY };
	struct auth_limit *limit = NULL;

	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	if (_i == 1) {
		limit = auth_limit_open(shared, 200);
		fail_often(limit, 10);
	}
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	if (_i == 0)
		limit = auth_limit_open(shared, 200);
	fail_often(limit, _i == 0 ? 20 : 10);
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "alice", 1000));
	ck_assert(!auth_limit_reached(limit, "192.0.2.1", "bob", 1000));
	auth_limit_free(limit);
}
END_TEST

/* Many at once, before any has failed: all of them have to leak away. */
START_TEST(what_was_tried_at_once_is_counted_in_full)
{
	struct auth_limit *limit = auth_limit_new(200);

	fail_often(limit, 100);
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "alice", 240000));
	ck_assert(!auth_limit_reached(limit, "192.0.2.1", "alice", 244000));
	fail_often(limit, 30000);
	ck_assert(auth_limit_reached(limit, "192.0.2.1", "alice", 1000));
	auth_limit_free(limit);
}
END_TEST

START_TEST(an_ipv6_customer_is_a_slash_64)
{
	struct auth_limit *limit = auth_limit_new(200);

	for (int i = 0; i < 20; i++)
		auth_limit_failure(limit,
		    i % 2 == 0 ? "2001:db8:1:2::1" : "2001:db8:1:2:ffff::9",
		    "alice", 5);
	ck_assert(
	    auth_limit_reached(limit, "2001:db8:1:2:3:4:5:6", "alice", 5));
	ck_assert(!auth_limit_reached(limit, "2001:db8:1:3::1", "alice", 5));
	ck_assert(!auth_limit_reached(limit, "unix", "alice", 5));
	auth_limit_free(limit);
}
END_TEST

Suite *
auth_limit_suite(void)
{
	Suite *suite = suite_create("auth_limit");
	TCase *tc = tcase_create("own");
	TCase *file = tcase_create("shared");

	tcase_add_test(tc, twenty_failures_fill_a_minute_and_time_empties_it);
	tcase_add_test(tc, what_was_tried_at_once_is_counted_in_full);
	tcase_add_test(tc, an_ipv6_customer_is_a_slash_64);
	tcase_add_test(tc, many_addresses_do_not_free_the_one_that_is_full);
	tcase_add_test(tc, who_guesses_at_one_name_does_not_lock_out_the_class);
	tcase_add_loop_test(tc,
	    who_guesses_at_many_names_is_stopped_by_the_address, 0,
	    COUNT(a_minute));
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(file, make_shared, remove_shared);
	tcase_add_test(file, failures_in_two_processes_are_counted_together);
	tcase_add_loop_test(file, a_file_that_is_no_table_begins_anew, 0, 2);
	tcase_add_test(file, what_was_counted_before_a_boot_shuts_nobody_out);
	tcase_add_test(file, without_the_file_a_process_counts_by_itself);
	tcase_add_loop_test(file, on_a_full_disk_a_process_counts_by_itself, 0,
	    2);
	suite_add_tcase(suite, file);
	return suite;
}
