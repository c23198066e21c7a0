/* check_smtpd_world.c - a folder, a directory and an mda for tests of smtpd. */
#include "tests/check_smtpd_world.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/data_reader.h"
#include "common/directory.h"
#include "common/log.h"
#include "tests/check_folder.h"

enum { SOCKET_TAKES = 32768 };

static char hostname[] = "mx.campus.example";
static char domain[] = "campus.example";
static char lmtp[] = "unix:run/lmtp";
static char mechanisms[] = "SCRAM-SHA-256 PLAIN LOGIN";
static char listener_name[] = "test";
static pid_t mda;

struct config world_config;
struct service world_service;

static void
add_mailbox(struct directory *directory, const char *name)
{
	struct address address;
	const char *why = "";
	char text[64];

	snprintf(text, sizeof(text), "%s@%s", name, domain);
	ck_assert(address_parse(text, &address));
	ck_assert_msg(directory_add_mailbox(directory, &address, &why) == 0,
	    "%s", why);
}

static void
add_alias(struct directory *directory, const char *alias, const char *target)
{
	struct address from, to;
	const char *why = "";

	ck_assert(address_parse(alias, &from));
	ck_assert(address_parse(target, &to));
	ck_assert_msg(directory_add_alias(directory, &from, &to, &why) == 0,
	    "%s", why);
}

static void
make_directory(void)
{
	static const char *const names[] = { "alice", "bob", "full", "bigfull",
		"later", "never", "gone", "slow", "stranger" };
	struct directory *directory;
	const char *why;

	ck_assert_int_eq(directory_create(), 0);
	directory = directory_open(true);
	ck_assert_ptr_nonnull(directory);
	ck_assert_int_eq(directory_add_domain(directory, domain, &why), 0);
	for (size_t i = 0; i < COUNT(names); i++)
		add_mailbox(directory, names[i]);
	add_alias(directory, "staff@campus.example", "alice@campus.example");
	add_alias(directory, "staff@campus.example", "bob@campus.example");
	add_alias(directory, "abroad@campus.example", "alice@campus.example");
	add_alias(directory, "abroad@campus.example", "carol@far.example");
	directory_close(directory);
}

void
smtpd_world_make(void)
{
	folder_enter();
	ck_assert_int_eq(mkdir("queue", 0700), 0);
	ck_assert_int_eq(mkdir("queue/spool", 0700), 0);
	ck_assert_int_eq(mkdir("run", 0700), 0);
	make_directory();
	world_config = (struct config){
		.hostname = hostname,
		.domain = domain,
		.message_size = 10240000,
		.max_recipients = 100,
		.command_timeout = 5,
		.data_timeout = 5,
		.lmtp = lmtp,
		.mechanisms = mechanisms,
		.lmtp_timeout = 2,
		.queue_retry_min = 1,
		.queue_retry_max = 2,
		.queue_lifetime = 60,
		.queue_workers = 2,
	};
	world_service = (struct service){
		.config = &world_config,
		.queue = open("queue", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	};
	ck_assert_int_ne(world_service.queue, -1);
	mda = 0;
	log_set_level(LOG_ERROR + 1);
}

void
smtpd_world_remove(void)
{
	world_stop_mda();
	directory_close(world_service.directory);
	close(world_service.queue);
	folder_leave();
}

struct listener
world_listener(void)
{
	return (struct listener){
		.name = listener_name,
		.protocol = PROTO_MTA,
		.leniency = CLASSROOM,
	};
}

/* One LMTP session: what it was told. */
struct visit {
	char id[32];
	size_t count;
	char names[8][64];
	char originals[8][256];
};

static void
note_delivered(const struct visit *visit, size_t i)
{
	FILE *out = fopen("delivered", "ae");

	ck_assert_ptr_nonnull(out);
	fprintf(out, "%s %s %s\n", visit->id, visit->names[i],
	    visit->originals[i]);
	fclose(out);
}

static int
swallow(void *arg, const char *data, size_t size)
{
	(void)arg;
	(void)data;
	(void)size;
	return 0;
}

static void
answer(struct conn *conn, const struct visit *visit, size_t i)
{
	static const struct {
		const char *name;
		const char *reply;
	} replies[] = {
		{ "full@", "452 4.2.2 Mailbox full" },
		{ "bigfull@", "552 5.2.2 Mailbox full" },
		{ "later@", "451 4.3.0 Not now" },
		{ "never@", "550 5.7.1 Never" },
	};
	const char *name = visit->names[i];

	conn_flush(conn);
	if (strncmp(name, "gone@", 5) == 0)
		_exit(0);
	if (strncmp(name, "slow@", 5) == 0)
		pause();
	for (size_t n = 0; n < COUNT(replies); n++) {
		if (strncmp(name, replies[n].name, strlen(replies[n].name)) !=
		    0)
			continue;
		conn_putline(conn, "%s", replies[n].reply);
		return;
	}
	note_delivered(visit, i);
	conn_putline(conn, "250 2.1.5 Saved");
}

static void
take_recipient(struct conn *conn, struct visit *visit, const char *line)
{
	const char *original = strstr(line, "ORCPT=rfc822;");

	if (strncmp(line, "RCPT TO:<stranger@", 18) == 0) {
		conn_putline(conn, "550 5.1.1 Nobody");
		return;
	}
	sscanf(line, "RCPT TO:<%63[^>]>", visit->names[visit->count]);
	snprintf(visit->originals[visit->count], 256, "%s",
	    original == NULL ? "-" : original + 13);
	visit->count++;
	conn_putline(conn, "250 2.1.5 Ok");
}

static void
take_message(struct conn *conn, struct visit *visit)
{
	struct data_reader reader;

	if (visit->count == 0) {
		conn_putline(conn, "503 5.5.1 No valid recipients");
		return;
	}
	conn_putline(conn, "354 Go on");
	data_reader_init(&reader, 0, swallow, NULL);
	if (!data_reader_run(&reader, conn))
		_exit(1);
	for (size_t i = 0; i < visit->count; i++)
		answer(conn, visit, i);
	visit->count = 0;
}

/* One client. */
static void
serve_lmtp(int fd)
{
	struct conn *conn = conn_open(fd, 30);
	struct visit visit = { .count = 0 };
	char line[4096];

	conn_putline(conn, "220 test LMTP");
	while (conn_getline(conn, line, sizeof(line)) == CONN_LINE) {
		const char *id = strstr(line, " IDENT=");

		if (strncmp(line, "LHLO", 4) == 0)
			conn_putline(conn,
			    "250-test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 "
			    "XFORWARD ADDR HELO PROTO IDENT LOGIN");
		else if (strncmp(line, "RCPT", 4) == 0)
			take_recipient(conn, &visit, line);
		else if (strncmp(line, "DATA", 4) == 0)
			take_message(conn, &visit);
		else
			conn_putline(conn, "250 2.0.0 Ok");
		if (id != NULL)
			sscanf(id, " IDENT=%31s", visit.id);
		if (strcmp(line, "QUIT") == 0)
			break;
	}
	conn_close(conn);
}

void
world_start_mda(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX,
		.sun_path = "run/lmtp" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ne(fd, -1);
	(void)unlink("run/lmtp");
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)),
	    0);
	ck_assert_int_eq(listen(fd, 16), 0);
	mda = fork();
	ck_assert_int_ne(mda, -1);
	if (mda == 0) {
		/* Of what the test has open nothing is held open here. */
		(void)dup2(fd, STDERR_FILENO + 1);
		fd = STDERR_FILENO + 1;
		closefrom(fd + 1);
		signal(SIGCHLD, SIG_IGN);
		for (;;) {
			int client = accept(fd, NULL, NULL);

			if (client != -1 && fork() == 0) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				serve_lmtp(client);
				_exit(0);
			}
			close(client);
		}
	}
	close(fd);
}

void
world_stop_mda(void)
{
	if (mda == 0)
		return;
	kill(mda, SIGKILL);
	waitpid(mda, NULL, 0);
	mda = 0;
	(void)unlink("run/lmtp");
}

int
world_delivered(const char *text)
{
	FILE *in = fopen("delivered", "re");
	char line[512];
	int n = 0;

	if (in == NULL)
		return 0;
	while (fgets(line, sizeof(line), in) != NULL)
		n += strstr(line, text) != NULL;
	fclose(in);
	return n;
}

int
world_count(const char *folder, const char *suffix)
{
	DIR *dir = opendir(folder);
	const struct dirent *found;
	int n = 0;

	ck_assert_ptr_nonnull(dir);
	while ((found = readdir(dir)) != NULL) {
		size_t size = strlen(found->d_name);

		n += size >= strlen(suffix) &&
		    strcmp(found->d_name + size - strlen(suffix), suffix) == 0;
	}
	closedir(dir);
	return n;
}

const char *
world_play(const struct listener *listener, const char *wire)
{
	static const struct peer peer = { .address = "127.0.0.1" };
	static struct buf said = BUF_INIT;
	size_t size = strlen(wire);
	struct conn *conn;
	int fds[2];
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	/* What the socket takes at once is there before the session begins. */
	if (size <= SOCKET_TAKES)
		ck_assert_int_eq(write_all(fds[1], wire, size), 0);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		close(fds[0]);
		if (size > SOCKET_TAKES && write_all(fds[1], wire, size) == -1)
			_exit(1);
		_exit(shutdown(fds[1], SHUT_WR));
	}
	conn = conn_open(fds[0], 5);
	smtp_session(&world_service, conn, listener, &peer);
	conn_close(conn);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	buf_reset(&said);
	ck_assert_int_eq(buf_read(&said, fds[1], 1 << 20), 0);
	close(fds[1]);
	return said.data;
}
