/* check_smtpd_world.c - a folder and a directory for the tests of smtpd. */
#include "tests/check_smtpd_world.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/directory.h"
#include "common/log.h"
#include "smtpd/custody.h"
#include "tests/check_folder.h"

enum { SOCKET_TAKES = 32768 };

static char hostname[] = "mx.campus.example";
static char domain[] = "campus.example";
static char lmtp[] = "unix:run/lmtp";
static char mechanisms[] = "SCRAM-SHA-256 PLAIN LOGIN";
static char listener_name[] = "test";
static char banner[] = "Postlab";
static char extensions[] =
    "PIPELINING SIZE VRFY ETRN STARTTLS ENHANCEDSTATUSCODES 8BITMIME DSN AUTH "
    "SMTPUTF8 LIMITS HELP CHUNKING";

struct config world_config;
struct service world_service;
int world_queue = -1;

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
	static char nobody[] = "none";
	static char nothing[] = "";

	folder_enter();
	ck_assert_int_eq(mkdir("queue", 0700), 0);
	ck_assert_int_eq(mkdir("queue/incoming", 0700), 0);
	ck_assert_int_eq(mkdir("queue/incoming/spool", 0700), 0);
	ck_assert_int_eq(mkdir("run", 0700), 0);
	make_directory();
	world_config = (struct config){
		.hostname = hostname,
		.domain = domain,
		.message_size = 10240000,
		.max_recipients = 100,
		.command_timeout = 30,
		.data_timeout = 30,
		.lmtp = lmtp,
		.mechanisms = mechanisms,
		.lmtp_timeout = 5,
		.queue_retry_min = 1,
		.queue_retry_max = 2,
		.queue_lifetime = 60,
		.queue_workers = 2,
		.queue_per_destination = 2,
		.queue_time_scale = 1,
		.dns_resolver = nobody,
		.dns_hosts_file = nothing,
		.dns_trust_anchor = nothing,
		.relay_source_address = nothing,
		.relay_ca_file = nothing,
	};
	world_service = (struct service){
		.config = &world_config,
		.incoming =
		    open("queue/incoming", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	};
	ck_assert_int_ne(world_service.incoming, -1);
	world_queue = open("queue", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ne(world_queue, -1);
	log_set_level(LOG_ERROR + 1);
}

void
smtpd_world_remove(void)
{
	world_stop_mda();
	directory_close(world_service.directory);
	close(world_service.incoming);
	close(world_queue);
	folder_leave();
}

struct listener
world_listener(void)
{
	return (struct listener){
		.name = listener_name,
		.protocol = PROTO_MTA,
		.leniency = CLASSROOM,
		.banner = banner,
		.extensions = extensions,
	};
}

static int
count_lines(const char *file, const char *text)
{
	FILE *in = fopen(file, "re");
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
world_delivered(const char *text)
{
	return count_lines("delivered", text);
}

int
world_visits(void)
{
	return count_lines("visits", "visit");
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
	static const struct peer peer = { .address = "127.0.0.1", .uid = -1 };
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
	conn = conn_open(fds[0], 30);
	smtp_session(&world_service, conn, listener, &peer);
	conn_close(conn);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	buf_reset(&said);
	ck_assert_int_eq(buf_read(&said, fds[1], 1 << 20), 0);
	close(fds[1]);
	return said.data;
}

int
world_message(void)
{
	static const char text[] = "Subject: x\n\nEvery byte.\n";
	int fd = memfd_create("message", MFD_CLOEXEC);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write_all(fd, text, strlen(text)), 0);
	return fd;
}

const char *world_sender = "alice@campus.example";
const char *world_notify = "";

struct queue_entry
world_envelope(const char *names)
{
	struct queue_entry envelope;
	char id[QUEUE_ID_SIZE];
	char *list = xstrdup(names);

	queue_new_id(id);
	queue_entry_init(&envelope, id,
	    &(struct queue_origin){
		.sender = world_sender,
		.peer = "127.0.0.1",
		.helo = "desk",
		.protocol = "ESMTP",
	    });
	for (char *name = strtok(list, " "); name != NULL;
	     name = strtok(NULL, " ")) {
		bool alias = *name == '=';
		char *address = xasprintf("%s@campus.example", name + alias);
		struct queue_recipient *rcpt = alias
		    ? queue_entry_add_alias(&envelope, address)
		    : queue_entry_add(&envelope, address, "");

		rcpt->local = true;
		free(rcpt->parameters);
		rcpt->parameters = xstrdup(world_notify);
		free(address);
	}
	free(list);
	return envelope;
}

struct reply
world_take(const char *names, struct queue_entry *envelope_out)
{
	int message = world_message();
	struct reply r;

	*envelope_out = world_envelope(names);
	r = custody_take(&world_config, world_service.incoming, envelope_out,
	    message);
	close(message);
	return r;
}
