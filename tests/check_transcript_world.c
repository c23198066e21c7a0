/* check_transcript_world.c - a helper that can be killed, and questions. */
#include "tests/check_transcript_world.h"

#include <check.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/db.h"
#include "common/transcript_helper.h"
#include "tests/check_smtpd_world.h"

enum { PATIENCE = 30 * 1000, PAUSE = 10 /* milliseconds */ };

pid_t evidence_helper;
int evidence_channel = -1;

void
evidence_start(void)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			     ends),
	    0);
	evidence_helper = fork();
	ck_assert_int_ne(evidence_helper, -1);
	if (evidence_helper == 0) {
		close(ends[0]);
		_exit(transcript_helper_run(&world_config, ends[1], "smtpd"));
	}
	close(ends[1]);
	evidence_channel = ends[0];
	for (int i = 0; i < PATIENCE / PAUSE; i++) {
		if (access("run/smtpd-evidence", F_OK) == 0)
			return;
		usleep(PAUSE * 1000);
	}
	ck_abort_msg("the helper does not listen");
}

/* In order: it stores what it was sent. */
void
evidence_stop(void)
{
	int status;

	close(evidence_channel);
	evidence_channel = -1;
	ck_assert_int_eq(waitpid(evidence_helper, &status, 0), evidence_helper);
	ck_assert_int_eq(status, 0);
	unlink("run/smtpd-evidence");
}

void
evidence_kill(void)
{
	kill(evidence_helper, SIGKILL);
	waitpid(evidence_helper, NULL, 0);
	close(evidence_channel);
	evidence_channel = -1;
	unlink("run/smtpd-evidence");
}

void
evidence_make_world(void)
{
	smtpd_world_make();
	world_config.evidence_days = 180;
	world_config.evidence_size = 64;
	world_config.smtpd_workers = 10;
}

struct listener
evidence_listener(void)
{
	struct listener listener = world_listener();

	listener.evidence = true;
	return listener;
}

/* All rows, columns separated by | and rows by LF; in static storage. */
const char *
evidence_ask(const char *sql)
{
	static struct buf rows = BUF_INIT;
	sqlite3 *db = db_open("evidence.sqlite", DB_WRITE, false);
	sqlite3_stmt *statement;

	ck_assert_ptr_nonnull(db);
	statement = db_prepare(db, sql);
	ck_assert_ptr_nonnull(statement);
	buf_reset(&rows);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		if (rows.size > 0)
			buf_addchar(&rows, '\n');
		for (int i = 0; i < sqlite3_column_count(statement); i++) {
			if (i > 0)
				buf_addchar(&rows, '|');
			buf_addstr(&rows, db_text(statement, i));
		}
	}
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return rows.data;
}

/* Until SQL gives WANTED: what a helper that goes on has stored by now. */
void
evidence_await(const char *sql, const char *wanted)
{
	for (int i = 0; i < PATIENCE / PAUSE; i++) {
		if (access("evidence.sqlite", F_OK) == 0 &&
		    strcmp(evidence_ask(sql), wanted) == 0)
			return;
		usleep(PAUSE * 1000);
	}
	ck_assert_str_eq(evidence_ask(sql), wanted);
}

void
evidence_play(const char *wire)
{
	struct listener listener = evidence_listener();

	(void)world_play(&listener, wire);
}

void
evidence_remove_world(void)
{
	if (evidence_channel != -1)
		evidence_kill();
	smtpd_world_remove();
}

pid_t
evidence_sleep(int milliseconds)
{
	pid_t pid;

	ck_assert_int_eq(kill(evidence_helper, SIGSTOP), 0);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		poll(NULL, 0, milliseconds);
		_exit(kill(evidence_helper, SIGCONT) == -1);
	}
	return pid;
}

void
evidence_awaken(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
