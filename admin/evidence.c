/*
 * evidence.c - postlab evidence: recorded sessions, for people to read.
 *
 * SQL says more (docs/EVIDENCE.md); this is a look at one session, with what
 * came in one packet marked, and everything made safe for a terminal.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "admin/admin.h"
#include "common/buf.h"
#include "common/db.h"

enum { SECOND = 1000, START_MAKES_INPUT = 354 };

static const char file[] = "evidence.sqlite";

static sqlite3 *
open_evidence(void)
{
	admin_enter();
	if (access(file, F_OK) == -1) {
		admin_error(EX_NOINPUT,
		    "nothing is recorded here: no listener has evidence = yes");
		return NULL;
	}
	return db_open(file, DB_READ, false);
}

/* 2026-11-22T02:13:17Z, of milliseconds. */
static void
add_time(struct buf *to, int64_t at)
{
	time_t seconds = (time_t)(at / SECOND);
	char text[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	buf_addstr(to, text);
}

/* 90s, 30m, 2h or 5d ago.  False when TEXT is none of them. */
static bool
read_span(const char *text, int64_t *since_out)
{
	static const struct {
		char unit;
		int seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 6 || strlen(text) != digits + 1)
		return false;
	for (size_t i = 0; i < COUNT(units); i++) {
		if (text[digits] == units[i].unit) {
			*since_out = SECOND *
			    (time(NULL) -
				strtol(text, NULL, 10) * units[i].seconds);
			return true;
		}
	}
	return false;
}

/* 2026-11-22, 2026-11-22T02:13 or with seconds, all UTC, as SQLite reads it. */
static bool
read_moment(sqlite3 *db, const char *text, int64_t *since_out)
{
	sqlite3_stmt *statement = db_prepare(db, "SELECT strftime('%s', ?1)");
	bool good = false;

	if (statement == NULL)
		return false;
	sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
	if (strspn(text, "0123456789") == 4 &&
	    sqlite3_step(statement) == SQLITE_ROW &&
	    sqlite3_column_type(statement, 0) != SQLITE_NULL) {
		*since_out = SECOND * sqlite3_column_int64(statement, 0);
		good = true;
	}
	sqlite3_finalize(statement);
	return good;
}

static void
add_column(struct buf *to, sqlite3_stmt *statement, int i)
{
	const char *text = db_text(statement, i);

	buf_addchar(to, '\t');
	admin_field(to, *text == '\0' ? "-" : text);
}

static int
print_sessions(sqlite3 *db, int64_t since)
{
	sqlite3_stmt *statement = db_prepare(db,
	    "SELECT s.session, s.begun, s.program, s.listener, s.address,"
	    " s.uid, s.helo, s.login, (SELECT count(*) FROM messages m"
	    "  WHERE m.session = s.session), s.outcome"
	    " FROM sessions s WHERE s.begun >= ?1 ORDER BY s.session");
	struct buf line = BUF_INIT;
	int rc;

	if (statement == NULL)
		return -1;
	sqlite3_bind_int64(statement, 1, since);
	while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
		buf_reset(&line);
		buf_printf(&line, "%s\t", db_text(statement, 0));
		add_time(&line, sqlite3_column_int64(statement, 1));
		for (int i = 2; i < sqlite3_column_count(statement); i++)
			add_column(&line, statement, i);
		puts(line.data);
	}
	if (rc != SQLITE_DONE)
		admin_error(EX_TEMPFAIL, "%s: %s", file, sqlite3_errmsg(db));
	buf_clear(&line);
	sqlite3_finalize(statement);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int
list(int argc, char **argv)
{
	static const struct option options[] = {
		{ "since", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	const char *when = NULL;
	int64_t since = 0;
	int status = EX_OK;
	sqlite3 *db;
	int option;

	optind = 0; /* glibc: a new argv */
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 's')
			return EX_USAGE;
		when = optarg;
	}
	if (optind != argc)
		return EX_USAGE;
	db = open_evidence();
	if (db == NULL)
		return EX_NOINPUT;
	if (when != NULL && !read_span(when, &since) &&
	    !read_moment(db, when, &since))
		status = admin_error(EX_USAGE,
		    "--since takes 30m, 2h, 5d or 2026-11-22T02:13");
	else if (print_sessions(db, since) == -1)
		status = EX_TEMPFAIL;
	sqlite3_close(db);
	return status;
}

/* What show needs while it goes through the lines. */
struct showing {
	sqlite3_stmt *lines;
	sqlite3_stmt *text;
	int64_t session;
	int64_t segment; /* of the client's last line */
	int64_t pending; /* the command whose text is not printed yet, or 0 */
};

/* "02:13:17.123 C: " and the text. */
static void
print_line(int64_t at, const char *mark, const char *text, const char *flaw)
{
	struct buf line = BUF_INIT;
	time_t seconds = (time_t)(at / SECOND);
	char clock[16];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	buf_printf(&line, "%s.%03d %s ", clock, (int)(at % SECOND), mark);
	admin_field(&line, text);
	if (*flaw != '\0')
		buf_printf(&line, "  [%s]", flaw);
	puts(line.data);
	buf_clear(&line);
}

/* The lines of a message, as they came. */
static void
print_text(const char *text, size_t size)
{
	struct buf line = BUF_INIT;

	for (size_t at = 0; at < size;) {
		const char *end = memchr(text + at, '\n', size - at);
		size_t whole =
		    end == NULL ? size - at : (size_t)(end - text) - at + 1;
		size_t length = whole - (end == NULL ? 0 : 1);

		if (end != NULL && length > 0 && text[at + length - 1] == '\r')
			length--;
		buf_reset(&line);
		for (size_t i = 0; i < length; i++) {
			const char c[] = { text[at + i], '\0' };

			if (c[0] == '\0')
				buf_addstr(&line, "\\x00");
			else
				admin_field(&line, c);
		}
		printf("             C| %s\n", line.data);
		at += whole;
	}
	buf_clear(&line);
}

static void
print_pending_text(struct showing *show)
{
	sqlite3_stmt *text = show->text;

	if (show->pending == 0)
		return;
	sqlite3_bind_int64(text, 1, show->session);
	sqlite3_bind_int64(text, 2, show->pending);
	if (sqlite3_step(text) == SQLITE_ROW) {
		print_text(sqlite3_column_blob(text, 0),
		    (size_t)sqlite3_column_bytes(text, 0));
		if (sqlite3_column_int64(text, 1) > 0)
			printf("             (%" PRId64 " octets left out)\n",
			    (int64_t)sqlite3_column_int64(text, 1));
	}
	sqlite3_reset(text);
	show->pending = 0;
}

/* Columns: line, at, side, segment, answers, code, flaw, text, lost. */
static void
print_row(struct showing *show)
{
	sqlite3_stmt *row = show->lines;
	bool client = *db_text(row, 2) == 'C';
	const char *mark = client ? "C:" : "S:";

	if (client || sqlite3_column_int64(row, 4) != show->pending ||
	    sqlite3_column_int(row, 5) != START_MAKES_INPUT)
		print_pending_text(show);
	if (client && sqlite3_column_int64(row, 3) == show->segment)
		mark = "C+";
	print_line(sqlite3_column_int64(row, 1), mark, db_text(row, 7),
	    db_text(row, 6));
	if (client) {
		show->segment = sqlite3_column_int64(row, 3);
		show->pending = sqlite3_column_int64(row, 0);
	}
	if (sqlite3_column_int64(row, 8) > 0)
		printf("             (%s lines lost)\n", db_text(row, 8));
}

static bool
print_head(sqlite3 *db, int64_t session)
{
	static const char *const names[] = { "program", "listener", "client",
		"uid", "begun", "ended", "outcome", "helo", "login", "tls",
		"queue ids" };
	sqlite3_stmt *statement = db_prepare(db,
	    "SELECT program, listener, address || ' port ' || port, uid,"
	    " strftime('%Y-%m-%dT%H:%M:%fZ', begun / 1000.0, 'unixepoch'),"
	    " strftime('%Y-%m-%dT%H:%M:%fZ', ended / 1000.0, 'unixepoch'),"
	    " outcome, helo, login, tls, (SELECT group_concat(queue_id, ' ')"
	    "  FROM messages m WHERE m.session = s.session)"
	    " FROM sessions s WHERE session = ?1");
	struct buf value = BUF_INIT;
	bool found;

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, session);
	found = sqlite3_step(statement) == SQLITE_ROW;
	for (size_t i = 0; found && i < COUNT(names); i++) {
		buf_reset(&value);
		admin_field(&value, db_text(statement, (int)i));
		if (value.size > 0)
			printf("%-12s %s\n", names[i], value.data);
	}
	buf_clear(&value);
	sqlite3_finalize(statement);
	return found;
}

static int
print_session(sqlite3 *db, int64_t session)
{
	struct showing show = { .session = session, .segment = -1 };
	int rc = SQLITE_ERROR;

	show.lines = db_prepare(db,
	    "SELECT l.line, l.at, iif(l.kind = 'reply', 'S', 'C'), l.segment,"
	    " l.answers, l.code, l.flaw, l.text, g.lost"
	    " FROM lines l LEFT JOIN gaps g ON g.session = l.session"
	    "  AND g.after_line = l.line"
	    " WHERE l.session = ?1 ORDER BY l.line");
	show.text = db_prepare(db,
	    "SELECT content, left_out FROM texts"
	    " WHERE session = ?1 AND line = ?2");
	if (show.lines != NULL && show.text != NULL) {
		sqlite3_bind_int64(show.lines, 1, session);
		putchar('\n');
		while ((rc = sqlite3_step(show.lines)) == SQLITE_ROW)
			print_row(&show);
		print_pending_text(&show);
	}
	sqlite3_finalize(show.lines);
	sqlite3_finalize(show.text);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int
show(int argc, char **argv)
{
	char *rest;
	int64_t session = strtoll(argv[1], &rest, 10);
	int status = EX_OK;
	sqlite3 *db;

	(void)argc;
	if (*rest != '\0' || session <= 0)
		return EX_USAGE;
	db = open_evidence();
	if (db == NULL)
		return EX_NOINPUT;
	if (!print_head(db, session))
		status = admin_error(EX_NOINPUT,
		    "no session %" PRId64 " is recorded", session);
	else if (print_session(db, session) == -1)
		status = admin_error(EX_TEMPFAIL, "%s: %s", file,
		    sqlite3_errmsg(db));
	sqlite3_close(db);
	return status;
}

int
admin_evidence(int argc, char **argv)
{
	static const struct admin_verb verbs[] = {
		{ "list", 0, 2, list },
		{ "show", 1, 1, show },
	};

	return admin_run_verb(verbs, COUNT(verbs), argc, argv);
}
