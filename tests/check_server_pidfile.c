/*
 * check_server_pidfile.c - the lock, and the number that may not be there.
 *
 * What a master does with it is in check_server_life.c; a disk that is really
 * full in durability.sh.
 */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"
#include "common/server_pidfile.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

static const char path[] = "run/testd.pid";

/*
 * In another process: one never meets its own lock, and loses it by closing the
 * file once more.
 */
static int
ask_another(int (*question)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(question());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
sees_parent(void)
{
	return pidfile_read("testd") == getppid();
}

static int
is_refused(void)
{
	return pidfile_lock("testd", getuid(), getgid()) == -1 &&
	    errno == EWOULDBLOCK;
}

static int
is_free(void)
{
	return pidfile_read("testd") == 0;
}

static int
is_empty(void)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_size == 0;
}

static int
names_parent(void)
{
	FILE *file = fopen(path, "r");
	long number = 0;

	return file != NULL && fscanf(file, "%ld", &number) == 1 &&
	    number == getppid();
}

/* No file of this process may have a byte, as on a full disk. */
static void
fill_disk(bool full)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = full ? 0 : limit.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(the_lock_holds_with_and_without_room_for_the_number)
{
	bool full = _i == 1;
	int fd;

	/* Of one who was killed. */
	folder_write(path, "4242\n");
	fill_disk(full);
	fd = pidfile_lock("testd", getuid(), getgid());
	fill_disk(false);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(ask_another(full ? is_empty : names_parent), 1);
	ck_assert_int_eq(ask_another(sees_parent), 1);
	ck_assert_int_eq(ask_another(is_refused), 1);
	pidfile_release(fd);
	ck_assert_int_eq(ask_another(is_free), 1);
	ck_assert_int_eq(ask_another(is_empty), 1);
}
END_TEST

START_TEST(without_a_file_there_is_no_lock)
{
	ck_assert_int_eq(rmdir("run"), 0);
	ck_assert_int_eq(pidfile_lock("testd", getuid(), getgid()), -1);
	ck_assert_int_ne(errno, EWOULDBLOCK);
}
END_TEST

static void
make_run(void)
{
	log_set_level(LOG_ERROR);
	folder_enter();
	ck_assert_int_eq(mkdir("run", 0700), 0);
}

Suite *
server_pidfile_suite(void)
{
	Suite *suite = suite_create("server_pidfile");
	TCase *tc = tcase_create("server_pidfile");

	tcase_add_checked_fixture(tc, make_run, folder_leave);
	tcase_add_loop_test(tc,
	    the_lock_holds_with_and_without_room_for_the_number, 0, 2);
	tcase_add_test(tc, without_a_file_there_is_no_lock);
	suite_add_tcase(suite, tc);
	return suite;
}
