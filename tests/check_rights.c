/*
 * check_rights.c - what a session worker, the queue manager and a delivery
 * worker can still do, tried from inside their sandboxes.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/directory.h"
#include "smtpd/delivery.h"
#include "smtpd/queue.h"
#include "smtpd/rights.h"
#include "smtpd/spool.h"
#include "tests/check_folder.h"
#include "tests/check_smtpd_world.h"
#include "tests/suites.h"

static const char other[] = "queue/3F2A9C01B7D4E5.env";
static const char arriving[] = "queue/incoming/3F2A9C01B7D4E6.env";

static void
make_world(void)
{
	smtpd_world_make();
	ck_assert_int_eq(mkdir("mail", 0700), 0);
	folder_write("mail/letter", "private");
	folder_write("secrets.sqlite", "secret");
	folder_write("evidence.sqlite", "what others have said");
	folder_write("evidence.sqlite-wal", "the last of it");
	folder_write("postlab.conf", "[server]\n");
	folder_write(other, "an envelope of somebody else");
	folder_write(arriving, "an envelope of somebody else");
}

/* 0, or -1 and errno. */
static int
read_file(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC) == -1 ? -1 : 0;
}

static int
write_file(const char *path)
{
	return open(path, O_WRONLY | O_CLOEXEC) == -1 ? -1 : 0;
}

static int
make_file(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) == -1
	    ? -1
	    : 0;
}

/* Three messages, small and large, go into the queue. */
static int
commit(const char *size)
{
	struct queue_entry entry = world_envelope("bob");
	struct mail_spool spool;
	char piece[1024];
	int rc = -1;
	int fd;

	memset(piece, 'x', sizeof(piece));
	mail_spool_init(&spool, world_service.incoming);
	for (long n = atol(size); n > 0; n -= (long)sizeof(piece))
		if (mail_spool_add(&spool, piece, sizeof(piece)) == -1)
			return -1;
	fd = mail_spool_fd(&spool);
	if (fd != -1)
		fd = queue_commit(world_service.incoming, &entry, fd);
	if (fd != -1)
		rc = queue_withdraw(fd);
	queue_entry_clear(&entry);
	mail_spool_clear(&spool);
	return rc;
}

static int
look_up(const char *name)
{
	struct directory *directory = directory_open(false);
	struct mailbox mailbox;
	struct address address;

	if (directory == NULL || !address_parse(name, &address) ||
	    directory_mailbox(directory, &address, &mailbox) != LOOKUP_YES)
		return -1;
	directory_close(directory);
	return 0;
}

static int
make_socket(const char *family)
{
	return socket(strcmp(family, "unix") == 0 ? AF_UNIX : AF_INET,
		   SOCK_STREAM, 0) == -1
	    ? -1
	    : 0;
}

/* A bound socket is not yet one that others can reach. */
static int
listen_at(const char *address)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1 || inet_pton(AF_INET, address, &at.sin_addr) != 1)
		return -1;
	(void)bind(fd, (struct sockaddr *)&at, sizeof(at));
	return listen(fd, 1);
}

static int
make_process(const char *unused)
{
	pid_t pid = fork();

	(void)unused;
	if (pid == 0)
		_exit(0);
	return pid == -1 ? -1 : 0;
}

/* WHAT is linked under another name of its folder. */
static int
link_file(const char *what)
{
	char other_name[100];

	snprintf(other_name, sizeof(other_name), "%s.linked", what);
	return linkat(AT_FDCWD, what, AT_FDCWD, other_name, 0);
}

static int
link_out_of_queue(const char *what)
{
	return linkat(AT_FDCWD, what, AT_FDCWD, "queue/incoming/linked", 0);
}

/* The folder that a worker holds, opened before its sandbox. */
static int
list_incoming(const char *unused)
{
	char names[4096];

	(void)unused;
	return getdents64(world_service.incoming, names, sizeof(names)) == -1
	    ? -1
	    : 0;
}

static int
make_folder(const char *path)
{
	return mkdir(path, 0700);
}

static int
truncate_file(const char *path)
{
	return truncate(path, 0);
}

static int
change_mode(const char *path)
{
	return chmod(path, 0644);
}

enum { WORKER = 1 << 0, MANAGER = 1 << 1, DELIVERY = 1 << 2 };
#define ALL (WORKER | MANAGER | DELIVERY)

static const struct {
	struct sandbox (*make)(const struct config *config);
	unsigned role;
} roles[] = {
	{ rights_of_worker, WORKER },
	{ rights_of_manager, MANAGER },
	{ rights_of_delivery, DELIVERY },
};

/* What is tried, and who may. */
static const struct {
	int (*attempt)(const char *what);
	const char *what;
	unsigned allowed;
} attempts[] = {
	/* clang-format off */
	{ read_file,    "secrets.sqlite",       0 },
	{ write_file,   "secrets.sqlite",       0 },
	{ unlink,       "secrets.sqlite",       0 },
	{ read_file,    "evidence.sqlite",      0 },
	{ write_file,   "evidence.sqlite",      0 },
	{ unlink,       "evidence.sqlite",      0 },
	{ read_file,    "evidence.sqlite-wal",  0 },
	{ write_file,   "evidence.sqlite-wal",  0 },
	{ make_file,    "evidence.sqlite-journal", 0 },
	{ read_file,    "mail/letter",          0 },
	{ read_file,    "mail",                 0 },
	{ make_file,    "mail/planted",         0 },
	{ read_file,    "postlab.conf",         0 },
	{ read_file,    "/etc/passwd",          0 },
	{ make_file,    "/tmp/postlab-planted", 0 },
	{ read_file,    "directory.sqlite",     WORKER | MANAGER | DELIVERY },
	{ write_file,   "directory.sqlite",     0 },
	{ look_up,      "bob@campus.example",   WORKER | MANAGER | DELIVERY },
	{ read_file,    other,                  MANAGER | DELIVERY },
	{ write_file,   other,                  MANAGER | DELIVERY },
	{ unlink,       other,                  MANAGER },
	{ link_file,    other,                  MANAGER },
	{ link_out_of_queue, other,             MANAGER },
	{ read_file,    arriving,               MANAGER | DELIVERY },
	{ write_file,   arriving,               MANAGER | DELIVERY },
	{ unlink,       arriving,               MANAGER },
	{ read_file,    "queue/incoming",       MANAGER | DELIVERY },
	{ list_incoming, "",                    MANAGER },
	{ make_folder,  "queue/incoming/made",  0 },
	{ make_folder,  "queue/made",           0 },
	{ make_file,    "queue/planted",        MANAGER },
	{ truncate_file, other,                 0 },
	{ change_mode,  other,                  0 },
	{ read_file,    "queue",                MANAGER | DELIVERY },
	{ commit,       "1000",                 ALL },
	{ commit,       "200000",               ALL },
	{ make_socket,  "unix",                 ALL },
	{ make_socket,  "inet",                 MANAGER | DELIVERY },
	{ listen_at,    "127.0.0.1",            0 },
	{ make_process, "",                     MANAGER },
	/* clang-format on */
};

/* The exit status is the attempt's errno. */
_Noreturn static void
try_inside(int role, size_t attempt)
{
	const struct sandbox rights = roles[role].make(&world_config);

	if (sandbox_enter(&rights) == -1)
		_exit(255);
	errno = 0;
	if (attempts[attempt].attempt(attempts[attempt].what) == 0)
		_exit(0);
	_exit(errno == 0 ? EACCES : errno);
}

START_TEST(each_role_reaches_what_it_needs_and_nothing_else)
{
	if (sandbox_landlock_abi() < 3)
		return; /* such a kernel cannot refuse all of these */
	for (size_t i = 0; i < COUNT(attempts); i++) {
		bool allowed = (attempts[i].allowed & roles[_i].role) != 0;
		pid_t pid = fork();
		int status;

		ck_assert_int_ne(pid, -1);
		if (pid == 0)
			try_inside(_i, i);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status));
		status = WEXITSTATUS(status);
		ck_assert_msg(allowed ? status == 0
				      : status == EACCES || status == EPERM ||
			    status == EXDEV, /* a link between folders */
		    "role %d, attempt %zu (%s): %s", _i, i, attempts[i].what,
		    strerror(status));
		folder_write(other, "an envelope of somebody else");
		folder_write(arriving, "an envelope of somebody else");
		(void)unlink("queue/incoming/linked");
	}
}
END_TEST

START_TEST(mda_behind_tcp_gives_the_right_to_such_sockets)
{
	static char where[] = "127.0.0.1:24";

	world_config.lmtp = where;
	ck_assert((rights_of_worker(&world_config).calls & SB_CALL_INET) != 0);
	ck_assert(
	    (rights_of_delivery(&world_config).calls & SB_CALL_INET) != 0);
}
END_TEST

START_TEST(a_delivery_works_in_its_sandbox)
{
	struct queue_entry envelope;
	pid_t pid;
	int status;

	ck_assert_int_eq(world_take("bob", &envelope).code, 250);
	ck_assert_int_eq(queue_take_in(world_queue, envelope.id), 0);
	world_start_mda();
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		const struct sandbox rights = rights_of_delivery(&world_config);
		const struct delivery delivery = {
			.config = &world_config,
			.queue = world_queue,
		};

		struct order order = { .destination = DESTINATION_HERE };

		memcpy(order.id, envelope.id, sizeof(order.id));
		if (sandbox_enter(&rights) == -1)
			_exit(255);
		_exit(delivery_run(&delivery, &order).good ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(world_delivered(envelope.id), 1);
	queue_entry_clear(&envelope);
}
END_TEST

Suite *
rights_suite(void)
{
	Suite *suite = suite_create("rights");
	TCase *tc = tcase_create("rights");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, make_world, smtpd_world_remove);
	tcase_add_loop_test(tc,
	    each_role_reaches_what_it_needs_and_nothing_else, 0, COUNT(roles));
	tcase_add_test(tc, mda_behind_tcp_gives_the_right_to_such_sockets);
	tcase_add_test(tc, a_delivery_works_in_its_sandbox);
	suite_add_tcase(suite, tc);
	return suite;
}
