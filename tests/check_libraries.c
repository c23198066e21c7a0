/*
 * check_libraries.c - what children of a master have mapped.
 *
 * In a child each, since it is for good; this program needs GMime, which
 * alone needs libgio, as we do ourselves libglib.
 */
#include <fcntl.h>
#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/libraries.h"
#include "tests/suites.h"

enum { MAPS_MAX = 1 << 20, YES = 10, NO = 11 };

static const char *const unneeded[] = { "libgmime-", "libgobject-", "libglib-",
	NULL };
/* GnuTLS is linked with the latter. */
static const char *const more[] = { "libsqlite3.", "libidn2.", NULL };

/* In a child: whether it has this library. */
_Noreturn static void
say_whether_mapped(const char *name)
{
	struct buf maps = BUF_INIT;
	int fd = open("/proc/self/maps", O_RDONLY);

	if (fd == -1 || buf_read(&maps, fd, MAPS_MAX) == -1)
		_exit(1);
	_exit(strstr(maps.data, name) != NULL ? YES : NO);
}

static int
await(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What a child of a master that gives SET says of NAME. */
static int
ask_child(const char *name, enum libraries set)
{
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		setenv("LD_BIND_NOW", "1", 1);
		libraries_leave(unneeded, more, LIBRARIES_FEW);
		libraries_give(set);
		pid = fork();
		if (pid == 0)
			say_whether_mapped(name);
		_exit(await(pid));
	}
	return await(pid);
}

/* clang-format off */
static const struct {
	const char *name;
	int some;
	int few;
} cases[] = {
	{ "/libgmime-3.0.so", NO,  NO },
	{ "/libglib-2.0.so",  NO,  NO },
	{ "/libgio-2.0.so",   NO,  NO }, /* GMime needs it */
	{ "/libgpgme.so",     NO,  NO },
	{ "/libgnutls.so",    YES, YES },
	{ "/libp11-kit.so",   YES, YES }, /* GnuTLS needs it */
	{ "/libsqlite3.so",   YES, NO },
	{ "/libidn2.so",      YES, NO },
	{ "/libc.so",         YES, YES },
};
/* clang-format on */

START_TEST(a_child_does_without_what_is_named_and_what_that_needs)
{
	bool can;

	setenv("LD_BIND_NOW", "1", 1);
	can = libraries_can_leave(); /* not under AddressSanitizer */
	ck_assert_int_eq(ask_child(cases[_i].name, LIBRARIES_SOME),
	    can ? cases[_i].some : YES);
	ck_assert_int_eq(ask_child(cases[_i].name, LIBRARIES_FEW),
	    can ? cases[_i].few : YES);
}
END_TEST

START_TEST(the_usual_is_what_most_are_to_have)
{
	pid_t pid = fork();

	if (pid == 0) {
		setenv("LD_BIND_NOW", "1", 1);
		libraries_leave(unneeded, more, LIBRARIES_SOME);
		libraries_give(LIBRARIES_FEW);
		libraries_give_usual();
		pid = fork();
		if (pid == 0)
			say_whether_mapped("/libsqlite3.so");
		_exit(await(pid));
	}
	ck_assert_int_eq(await(pid), YES);
}
END_TEST

START_TEST(a_child_that_shall_have_all_has_all)
{
	ck_assert_int_eq(ask_child(cases[_i].name, LIBRARIES_ALL), YES);
}
END_TEST

START_TEST(a_master_keeps_all_and_uses_it)
{
	pid_t pid = fork();

	if (pid == 0) {
		setenv("LD_BIND_NOW", "1", 1);
		libraries_leave(unneeded, more, LIBRARIES_FEW);
		g_mime_init();
		_exit(g_ascii_strcasecmp("Subject", "SUBJECT") == 0 ? YES : NO);
	}
	ck_assert_int_eq(await(pid), YES);
}
END_TEST

START_TEST(who_was_not_bound_leaves_nothing)
{
	pid_t pid = fork();

	if (pid == 0) {
		unsetenv("LD_BIND_NOW");
		libraries_leave(unneeded, more, LIBRARIES_FEW);
		_exit(libraries_are_whole() ? YES : NO);
	}
	ck_assert_int_eq(await(pid), YES);
}
END_TEST

Suite *
libraries_suite(void)
{
	Suite *suite = suite_create("libraries");
	TCase *tc = tcase_create("libraries");

	tcase_add_loop_test(tc,
	    a_child_does_without_what_is_named_and_what_that_needs, 0,
	    COUNT(cases));
	tcase_add_loop_test(tc, a_child_that_shall_have_all_has_all, 0,
	    COUNT(cases));
	tcase_add_test(tc, the_usual_is_what_most_are_to_have);
	tcase_add_test(tc, a_master_keeps_all_and_uses_it);
	tcase_add_test(tc, who_was_not_bound_leaves_nothing);
	suite_add_tcase(suite, tc);
	return suite;
}
