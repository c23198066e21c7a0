/*
 * check_pop3_rights.c - tried from inside: what a pop3d process can still reach
 * before the login, and in the mailbox after it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/sandbox.h"
#include "maildir/maildir.h"
#include "pop3d/front.h"
#include "pop3d/mailbox.h"
#include "pop3d/maildrop.h"
#include "tests/check_auth_world.h"
#include "tests/suites.h"

static const char alice[] = "mail/campus.example/alice";

/* All that a state folder holds beside alice's mail, and the world around. */
static const char *const forbidden[] = {
	"secrets.sqlite",
	"directory.sqlite",
	"postlab.conf",
	"tls/server-ecdsa.key",
	"mail",
	"mail/campus.example",
	"mail/campus.example/bob/new",
	"mail/campus.example/bob/new/1795313001.M1P1Q1.mail",
	"mail/campus.example/alice/../bob/new",
	"queue",
	".",
	"/",
	"/etc/passwd",
	"/proc/self/environ",
	"/dev/urandom",
};

static void
put_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	ck_assert_msg(fd != -1, "%s: %s", path, strerror(errno));
	ck_assert_int_eq(write(fd, "x\n", 2), 2);
	close(fd);
}

static void
setup(void)
{
	struct maildir box;

	auth_world_open(true);
	ck_assert_int_eq(mkdir("tls", 0700), 0);
	ck_assert_int_eq(mkdir("queue", 0700), 0);
	put_file("postlab.conf");
	put_file("tls/server-ecdsa.key");
	ck_assert_int_eq(maildir_open(AT_FDCWD, alice, true, &box), 0);
	maildir_close(&box);
	ck_assert_int_eq(maildir_open(AT_FDCWD, "mail/campus.example/bob", true,
			     &box),
	    0);
	maildir_close(&box);
	put_file("mail/campus.example/bob/new/1795313001.M1P1Q1.mail");
	put_file("mail/campus.example/alice/new/1795313002.M2P1Q2.mail");
}

/*
 * Runs TRY in a child and returns what it complains about: "" when all is as
 * it should be.
 */
static const char *
try_inside(void (*try)(struct buf *complaints))
{
	static char text[2000];
	struct buf complaints = BUF_INIT;
	int ends[2];
	int status;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		try(&complaints);
		if (write_all(ends[1], complaints.data, complaints.size) == -1)
			_exit(1);
		_exit(0);
	}
	close(ends[1]);
	ck_assert_int_eq(buf_read(&complaints, ends[0], sizeof(text)), 0);
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(status == 0, "the process ended with %x", status);
	snprintf(text, sizeof(text), "%s", complaints.data);
	buf_clear(&complaints);
	return text;
}

static void
try_files(struct buf *complaints)
{
	for (size_t i = 0; i < COUNT(forbidden); i++) {
		int fd = open(forbidden[i], O_RDONLY | O_CLOEXEC);

		if (fd != -1)
			buf_printf(complaints, "opens %s; ", forbidden[i]);
	}
	if (open("here", O_WRONLY | O_CREAT, 0600) != -1)
		buf_addstr(complaints, "makes a file; ");
	if (open("/tmp/check-pop3-rights", O_WRONLY | O_CREAT, 0600) != -1)
		buf_addstr(complaints, "makes a file in /tmp; ");
	if (rename("mail/campus.example/bob/new/1795313001.M1P1Q1.mail",
		"mail/campus.example/alice/new/stolen") == 0)
		buf_addstr(complaints, "steals bob's mail; ");
	if (link("mail/campus.example/bob/new/1795313001.M1P1Q1.mail",
		"mail/campus.example/alice/new/stolen") == 0)
		buf_addstr(complaints, "links bob's mail; ");
}

static void
try_calls(struct buf *complaints)
{
	struct rlimit core;

	if (socket(AF_INET, SOCK_STREAM, 0) != -1)
		buf_addstr(complaints, "makes an IPv4 socket; ");
	if (socket(AF_INET6, SOCK_DGRAM, 0) != -1)
		buf_addstr(complaints, "makes an IPv6 socket; ");
	if (getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur != 0)
		buf_addstr(complaints, "leaves a core; ");
	if (setuid(0) == 0 && geteuid() == 0 && chown("/", 0, 0) == 0)
		buf_addstr(complaints, "is root; ");
}

static void
try_fork(struct buf *complaints)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid != -1)
		buf_addstr(complaints, "forks; ");
}

static void
try_front(struct buf *complaints)
{
	if (sandbox_enter(&front_sandbox) == -1)
		buf_addstr(complaints, "no sandbox; ");
	try_files(complaints);
	try_calls(complaints);
	/* As it comes from its zygote; a daemon is never root, whom no limit
	   holds: check_server_zygote.c. */
	if (sandbox_forbid_forks() == -1)
		buf_addstr(complaints, "may not forbid itself to fork; ");
	if (geteuid() != 0)
		try_fork(complaints);
	if (open(alice, O_RDONLY) != -1)
		buf_addstr(complaints, "opens a Maildir; ");
	if (auth_world_password("alice", "alice-pass", "::1") != AUTH_SUCCESS)
		buf_addstr(complaints, "cannot reach the auth helper; ");
}

static void
try_execve(struct buf *complaints)
{
	char name[] = "true";
	char *arguments[] = { name, NULL };

	(void)complaints;
	(void)sandbox_enter(&front_sandbox);
	execv("/bin/true", arguments);
}

static void
try_mailbox(struct buf *complaints)
{
	struct maildrop maildrop = { .lock = -1 };

	if (maildrop_open(&maildrop, alice, "alice") == -1 ||
	    mailbox_confine(alice) == -1 ||
	    maildrop_load(&maildrop, 0) != MAILDROP_OK)
		buf_addstr(complaints, "no maildrop; ");
	try_files(complaints);
	try_calls(complaints);
	try_fork(complaints);
	if (socket(AF_UNIX, SOCK_STREAM, 0) != -1)
		buf_addstr(complaints, "makes a Unix socket; ");
	if (openat(maildrop.maildir.root, "../bob/new", O_RDONLY) != -1)
		buf_addstr(complaints, "climbs to bob; ");
	if (maildrop.left != 1 || maildrop_open_message(&maildrop, 0) == -1)
		buf_addstr(complaints, "cannot read its own mail; ");
	maildrop_delete(&maildrop, 0);
	if (maildrop_update(&maildrop) == -1)
		buf_addstr(complaints, "cannot remove its own mail; ");
}

START_TEST(before_the_login_there_is_no_file_at_all)
{
	if (sandbox_landlock_abi() == 0)
		return; /* this kernel cannot, and the master says so */
	ck_assert_str_eq(try_inside(try_front), "");
}
END_TEST

START_TEST(after_the_login_there_is_one_maildir_and_nothing_else)
{
	if (sandbox_landlock_abi() == 0)
		return;
	ck_assert_str_eq(try_inside(try_mailbox), "");
	ck_assert_int_eq(
	    access("mail/campus.example/bob/new/1795313001.M1P1Q1.mail", F_OK),
	    0);
	ck_assert_int_eq(
	    access("mail/campus.example/alice/new/1795313002.M2P1Q2.mail",
		F_OK),
	    -1);
}
END_TEST

START_TEST(a_program_is_never_run)
{
	struct buf unused = BUF_INIT;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		try_execve(&unused);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
}
END_TEST

Suite *
pop3_rights_suite(void)
{
	Suite *suite = suite_create("pop3_rights");
	TCase *tc = tcase_create("pop3_rights");

	tcase_add_checked_fixture(tc, setup, auth_world_close);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, before_the_login_there_is_no_file_at_all);
	tcase_add_test(tc,
	    after_the_login_there_is_one_maildir_and_nothing_else);
	tcase_add_test(tc, a_program_is_never_run);
	suite_add_tcase(suite, tc);
	return suite;
}
