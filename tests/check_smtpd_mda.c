/*
 * check_smtpd_mda.c - an mda that does as the recipient's name tells it.
 *
 * Each client has a process of its own, so that one may hang.  No ck_assert in
 * them: it writes to a pipe of Check's, whose number the client's socket has
 * here.
 */
#include "tests/check_smtpd_world.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/conn.h"
#include "common/data_reader.h"

const char *world_mda_offers = "XFORWARD ADDR HELO PROTO IDENT LOGIN TLS";

static pid_t mda;

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

	if (out == NULL)
		_exit(1);
	fprintf(out, "%s %s %s\n", visit->id, visit->names[i],
	    visit->originals[i]);
	fclose(out);
}

static void
note(const char *file, const char *line)
{
	FILE *out = fopen(file, "ae");

	if (out == NULL)
		_exit(1);
	fprintf(out, "%s\n", line);
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
	conn_putline(conn, "250 2.0.0 Saved");
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

	note("visits", "visit");
	conn_putline(conn, "220 test LMTP");
	while (conn_getline(conn, line, sizeof(line)) == CONN_LINE) {
		const char *id = strstr(line, " IDENT=");

		if (*line == 'X' || *line == 'R')
			note("heard", line);
		if (strncmp(line, "LHLO", 4) == 0)
			conn_putline(conn,
			    "250-test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 "
			    "%s",
			    world_mda_offers);
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
	ck_assert_int_ne(mda, -1);
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
