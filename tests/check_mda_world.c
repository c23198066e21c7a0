/*
 * check_mda_world.c - a state folder, made for one test and removed after it.
 */
#include "tests/check_mda_world.h"
#include "tests/check_folder.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/config.h"
#include "common/conn.h"
#include "common/directory.h"
#include "common/log.h"
#include "maildir/message.h"
#include "mda/lmtp.h"
#include "mda/mailboxes.h"
#include "mda/recipient.h"

enum { PAUSE = 3 /* seconds, of play_slowly() */ };

static char hostname[] = "mail.campus.example", domain[] = "campus.example";
static struct config config = {
	.hostname = hostname,
	.domain = domain,
	.message_size = 1024 * 1024,
	.command_timeout = 30,
	.data_timeout = 30,
};

static void
add_mailbox(struct directory *directory, const char *name, int64_t quota)
{
	struct address address;
	const char *why = "";

	ck_assert(address_parse(name, &address));
	ck_assert_msg(directory_add_mailbox(directory, &address, &why) == 0,
	    "%s", why);
	if (quota > 0)
		ck_assert_msg(directory_set_quota(directory, &address, quota,
				  &why) == 0,
		    "%s", why);
}

void
mda_world_make(void)
{
	struct directory *directory;
	const char *why;

	folder_enter();
	ck_assert_int_eq(mkdir("mail", 0700), 0);
	ck_assert_int_eq(directory_create(), 0);
	directory = directory_open(true);
	ck_assert_ptr_nonnull(directory);
	ck_assert_int_eq(directory_add_domain(directory, domain, &why), 0);
	add_mailbox(directory, "alice@campus.example", 0);
	add_mailbox(directory, "bob@campus.example", 0);
	add_mailbox(directory, "small@campus.example", 1000);
	directory_close(directory);
	log_set_level(LOG_ERROR);
	message_library_init();
}

struct config *
mda_world_config(void)
{
	return &config;
}

void
mda_world_limit_bob(long quota)
{
	struct directory *directory = directory_open(true);
	struct address address;
	const char *why = "";

	ck_assert(address_parse("bob@campus.example", &address));
	ck_assert_msg(directory_set_quota(directory, &address, quota, &why) ==
		0,
	    "%s", why);
	directory_close(directory);
}

void
mda_world_add(int number)
{
	struct directory *directory = directory_open(true);
	char name[64];

	ck_assert_ptr_nonnull(directory);
	snprintf(name, sizeof(name), "user%d@%s", number, domain);
	add_mailbox(directory, name, 0);
	directory_close(directory);
}

void
mda_world_remove(void)
{
	mailboxes_close();
	recipient_close_directory();
	config.mda_plus_folders = false;
	config.mda_quota_warning = 0;
	folder_leave();
}

/* What the session says to a client whose side WRITER writes in a process. */
static const char *
serve(void (*writer)(int fd, const void *arg), const void *arg)
{
	static struct buf said = BUF_INIT;
	struct conn *conn;
	int fds[2];
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) { /* because a long WIRE does not fit into the socket */
		close(fds[0]);
		writer(fds[1], arg);
		_exit(shutdown(fds[1], SHUT_WR) == -1);
	}
	conn = conn_open(fds[0], 30);
	lmtp_session(conn, &config);
	conn_close(conn);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	buf_reset(&said);
	ck_assert_int_eq(buf_read(&said, fds[1], 1 << 20), 0);
	close(fds[1]);
	return said.data;
}

struct wire {
	const char *data;
	size_t size;
};

static void
write_wire(int fd, const void *arg)
{
	const struct wire *wire = arg;

	if (write_all(fd, wire->data, wire->size) == -1)
		_exit(1);
}

const char *
play_bytes(const char *wire, size_t size)
{
	return serve(write_wire, &(struct wire){ wire, size });
}

static void
write_slowly(int fd, const void *arg)
{
	const struct wire *wire = arg;

	write_wire(fd, &wire[0]);
	sleep(PAUSE);
	write_wire(fd, &wire[1]);
}

const char *
play_slowly(const char *first, const char *then)
{
	const struct wire wires[] = {
		{ first, strlen(first) },
		{ then, strlen(then) },
	};

	return serve(write_slowly, wires);
}

const char *
play(const char *wire)
{
	return play_bytes(wire, strlen(wire));
}

const char *
codes_of(const char *said)
{
	static char codes[512];

	codes[0] = '\0';
	for (const char *line = said; *line != '\0';
	     line = strchr(line, '\n') + 1) {
		if (line[3] == ' ')
			snprintf(codes + strlen(codes),
			    sizeof(codes) - strlen(codes), "%s%.3s",
			    *codes == '\0' ? "" : " ", line);
		ck_assert_ptr_nonnull(strstr(line, "\r\n"));
	}
	return codes;
}

int
count_files(const char *path, char *name, size_t size)
{
	DIR *directory = opendir(path);
	int count = 0;

	if (directory == NULL)
		return 0;
	for (const struct dirent *entry = readdir(directory); entry != NULL;
	     entry = readdir(directory)) {
		if (entry->d_name[0] == '.')
			continue;
		count++;
		copy_string(name, size, entry->d_name);
	}
	closedir(directory);
	return count;
}

const char *
only_message(const char *mailbox, char *name, size_t size)
{
	static struct buf text = BUF_INIT;
	char path[600];
	int fd;

	snprintf(path, sizeof(path), "%s/tmp", mailbox);
	ck_assert_int_eq(count_files(path, name, size), 0);
	snprintf(path, sizeof(path), "%s/new", mailbox);
	ck_assert_int_eq(count_files(path, name, size), 1);
	snprintf(path, sizeof(path), "%s/new/%s", mailbox, name);
	fd = open(path, O_RDONLY);
	ck_assert_int_ne(fd, -1);
	buf_reset(&text);
	ck_assert_int_eq(buf_read(&text, fd, 1 << 24), 0);
	close(fd);
	return text.data;
}

int
count_new(const char *mailbox)
{
	char path[600], name[256];

	snprintf(path, sizeof(path), "%s/new", mailbox);
	return count_files(path, name, sizeof(name));
}
