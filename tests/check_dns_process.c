/*
 * check_dns_process.c - which process asks: children with numbers of their own,
 * none that the library makes, and a delivery worker in its sandbox.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/mem.h"
#include "smtpd/rights.h"
#include "tests/check_dns_server.h"
#include "tests/check_dns_world.h"
#include "tests/suites.h"

/*
 * Who can foretell the number and the port of a question can answer it.  The
 * children of one parent, in which the library began, must differ.
 */
START_TEST(children_ask_with_numbers_of_their_own)
{
	enum { CHILDREN = 8 };
	struct dns *dns = dns_open(dns_config);
	const struct dns_seen *seen = dns_server_seen();
	struct buf is = BUF_INIT;

	for (int i = 0; i < CHILDREN; i++) {
		pid_t pid = fork();
		int status;

		ck_assert_int_ne(pid, -1);
		if (pid == 0) {
			dns_show_mx(dns, "two.example", &is);
			_exit(strncmp(is.data, "10 a", 4) == 0 ? 0 : 1);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_int_ge(seen->count, CHILDREN);
	for (int i = 0; i < CHILDREN; i++)
		for (int j = 0; j < i; j++)
			ck_assert(
			    seen->questions[i].id != seen->questions[j].id ||
			    seen->questions[i].port != seen->questions[j].port);
	/* Two of eight may meet by chance, not more. */
	for (int i = 2; i < CHILDREN; i++)
		ck_assert(seen->questions[i].id != seen->questions[0].id ||
		    seen->questions[i].id != seen->questions[1].id);
	buf_clear(&is);
	dns_close(dns);
}
END_TEST

static int
count_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	int count = 0;
	const struct dirent *entry;

	ck_assert_ptr_nonnull(tasks);
	while ((entry = readdir(tasks)) != NULL)
		count += entry->d_name[0] == '.' ? 0 : 1;
	closedir(tasks);
	return count;
}

START_TEST(a_question_makes_no_thread_and_no_process)
{
	struct dns *dns;
	struct buf is = BUF_INIT;
	pid_t pid = fork();
	int status;

	if (pid == 0) { /* which has not the name server as its child */
		dns = dns_open(dns_config);
		dns_show_mx(dns, "two.example", &is);
		if (count_threads() != 1)
			_exit(1);
		_exit(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0
									  : 2);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* What a delivery worker does: born of the manager, in two sandboxes. */
_Noreturn static void
ask_inside(struct dns *dns, const char *host, const char *what)
{
	const struct sandbox manager = rights_of_manager(dns_config);
	const struct sandbox delivery = rights_of_delivery(dns_config);
	struct buf is = BUF_INIT;
	int status = 0;
	pid_t pid;

	if (sandbox_enter(&manager) == -1)
		_exit(1);
	pid = fork();
	if (pid > 0) {
		if (waitpid(pid, &status, 0) == -1)
			_exit(5);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 6);
	}
	closefrom(STDERR_FILENO + 1);
	if (pid == -1 || sandbox_enter(&delivery) == -1)
		_exit(2);
	if (open("/etc/resolv.conf", 0) != -1)
		_exit(3); /* it was in no sandbox */
	dns_show_mx(dns, host, &is);
	buf_addstr(&is, "; ");
	dns_show_addresses(dns, host, &is);
	if (strcmp(is.data, what) == 0)
		_exit(0);
	fprintf(stderr, "%s: %s\n", host, is.data);
	_exit(4);
}

static const struct {
	const char *host;
	const char *what;
} inside[] = {
	{ "plain.example", "no data; 2001:db8::1, 192.0.2.1" },
	{ "long.example", "10 a.long.example; 192.0.2.4" },
	{ "last.lan", "no data; 192.0.2.80" },
	{ "nowhere.example", "no name; no name" },
};

START_TEST(a_delivery_worker_can_ask_from_its_sandbox)
{
	struct dns *dns = dns_open(dns_config);
	pid_t pid = fork();
	int status;

	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		ask_inside(dns, inside[_i].host, inside[_i].what);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	dns_close(dns);
}
END_TEST

Suite *
dns_process_suite(void)
{
	Suite *suite = suite_create("dns_process");
	TCase *tc = tcase_create("dns_process");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, dns_world_make, dns_world_remove);
	tcase_add_test(tc, children_ask_with_numbers_of_their_own);
	tcase_add_test(tc, a_question_makes_no_thread_and_no_process);
	tcase_add_loop_test(tc, a_delivery_worker_can_ask_from_its_sandbox, 0,
	    COUNT(inside));
	suite_add_tcase(suite, tc);
	return suite;
}
