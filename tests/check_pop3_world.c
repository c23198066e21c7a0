/* check_pop3_world.c - a Maildir, and POP3 sessions on it after the login. */
#include "tests/check_pop3_world.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "pop3d/commands.h"
#include "pop3d/maildrop.h"
#include "pop3d/session.h"
#include "tests/check_folder.h"

enum { CONN_SECONDS = 10, PATH_SIZE = 400 };

const char pop3_capabilities[] = "TOP UIDL RESP-CODES AUTH-RESP-CODE "
				 "LOGIN-DELAY USER SASL STLS UTF8 LANG";

/* The two messages of worksheet 27, of 120 and 500 octets on the wire. */
static const char head[] = "From: bob@campus.example\nSubject: hi\n\n";

void
pop3_put_message(const char *part, const char *name, const char *data,
    size_t size)
{
	char path[PATH_SIZE];
	int fd;

	snprintf(path, sizeof(path), "box/%s/%s", part, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write_all(fd, data, size), 0);
	close(fd);
}

void
pop3_put_sized(const char *part, const char *name, size_t octets)
{
	static char data[200000];
	size_t wire = strlen(head) + 3; /* its three lines end with CRLF */

	memcpy(data, head, strlen(head));
	memset(data + strlen(head), 'x', octets - wire - 2);
	data[strlen(head) + octets - wire - 2] = '\n';
	pop3_put_message(part, name, data, strlen(head) + octets - wire - 1);
}

void
pop3_set_up(void)
{
	folder_enter();
	ck_assert_int_eq(mkdir("box", 0700), 0);
	ck_assert_int_eq(mkdir("box/new", 0700), 0);
	ck_assert_int_eq(mkdir("box/cur", 0700), 0);
	ck_assert_int_eq(mkdir("box/tmp", 0700), 0);
	pop3_put_sized("new", "1795313001.M1P1Q1.mail,S=116,W=120", 120);
	pop3_put_sized("cur", "1795313002.M2P1Q2.mail,S=496,W=500:2,S", 500);
}

int
pop3_count_messages(void)
{
	static const char *const parts[] = { "box/new", "box/cur" };
	int count = 0;

	for (size_t i = 0; i < 2; i++) {
		DIR *dir = opendir(parts[i]);
		const struct dirent *entry;

		ck_assert_ptr_nonnull(dir);
		while ((entry = readdir(dir)) != NULL)
			count += entry->d_name[0] != '.';
		closedir(dir);
	}
	return count;
}

int
pop3_serve_box(int fd)
{
	struct config config = { .mechanisms = NULL };
	struct maildrop maildrop = { .lock = -1 };
	struct session session = { .config = &config,
		.peer = "192.0.2.1",
		.state = TRANSACTION,
		.capabilities = pop3_capabilities,
		.maildrop = &maildrop };

	if (maildrop_open(&maildrop, "box", "alice") == -1 ||
	    maildrop_load(&maildrop, 0) != MAILDROP_OK)
		return 1;
	session.conn = conn_open(fd, CONN_SECONDS);
	pop3_run(&session);
	conn_close(session.conn);
	maildrop_close(&maildrop);
	return 0;
}

pid_t
pop3_fork(int *client_out)
{
	int ends[2];
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			     ends),
	    0);
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		_exit(pop3_serve_box(ends[0]));
	}
	close(ends[0]);
	*client_out = ends[1];
	return pid;
}

void
pop3_talk(const char *said, struct buf *server)
{
	int client;
	int status;
	pid_t pid;

	pid = pop3_fork(&client);
	ck_assert_int_eq(write_all(client, said, strlen(said)), 0);
	ck_assert_int_eq(shutdown(client, SHUT_WR), 0);
	buf_reset(server);
	ck_assert_int_eq(buf_read(server, client, 1000000), 0);
	close(client);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

void
pop3_expect(int fd, const char *word)
{
	char line[400];
	size_t size = 0;

	while (size + 1 < sizeof(line) && read(fd, line + size, 1) == 1) {
		if (line[size++] != '\n')
			continue;
		line[size] = '\0';
		if (strncmp(line, word, strlen(word)) == 0)
			return;
		size = 0;
	}
	ck_abort_msg("no line %s", word);
}
