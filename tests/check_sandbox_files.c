/*
 * check_sandbox_files.c - who passes a descriptor on can do so in a crowd.
 *
 * The kernel counts descriptors on their way for a user (unix(7),
 * ETOOMANYREFS).  The clients of a class that all come at once are some
 * hundred, between the masters and their workers.
 */
#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/config.h"
#include "common/fdpass.h"
#include "common/mem.h"
#include "common/sandbox.h"
#include "pop3d/front.h"
#include "smtpd/rights.h"
#include "tests/suites.h"

enum { NOBODY = 65534, PAIRS = 20, EACH = 30 /* fits into a socket */ };

static struct sandbox
front(const struct config *config)
{
	(void)config;
	return front_sandbox;
}

static struct sandbox (*const roles[])(const struct config *config) = { front,
	rights_of_worker, rights_of_delivery };

/* So many descriptors are on their way from now on. */
static int
send_crowd(void)
{
	for (int i = 0; i < PAIRS; i++) {
		int ends[2];

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
			return -1;
		for (int n = 0; n < EACH; n++)
			if (fd_send(ends[0], "", 1, STDERR_FILENO) == -1)
				return -1;
	}
	return 0;
}

/* The errno of sending one more as ROLE does. */
_Noreturn static void pass_one(
    struct sandbox (*role)(const struct config *config))
{
	static char lmtp[] = "unix:run/lmtp";
	static const struct config config = { .lmtp = lmtp };
	const struct sandbox manager = rights_of_manager(&config);
	const struct sandbox rights = role(&config);
	struct rlimit files;
	int ends[2];

	/* As many as it takes for the crowd. */
	if (getrlimit(RLIMIT_NOFILE, &files) == -1)
		_exit(249);
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) == -1)
		_exit(250);
	/* Whoever is root may pass as many as he likes. */
	if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) == -1)
		_exit(251);
	if (send_crowd() == -1)
		_exit(252);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
		_exit(253);
	/* Who delivers has its limits from there. */
	if (role == rights_of_delivery && sandbox_enter(&manager) == -1)
		_exit(254);
	if (sandbox_enter(&rights) == -1)
		_exit(255);
	_exit(fd_send(ends[0], "", 1, STDERR_FILENO) == -1 ? errno : 0);
}

START_TEST(a_descriptor_is_passed_on_while_hundreds_are_on_their_way)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		pass_one(roles[_i]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

Suite *
sandbox_files_suite(void)
{
	Suite *suite = suite_create("sandbox_files");
	TCase *tc = tcase_create("passing");

	tcase_add_loop_test(tc,
	    a_descriptor_is_passed_on_while_hundreds_are_on_their_way, 0,
	    (int)COUNT(roles));
	suite_add_tcase(suite, tc);
	return suite;
}
