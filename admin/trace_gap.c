/*
 * trace_gap.c - where the log ends.
 *
 * The log is a file only when `postlab up --detach` makes it one, or the
 * operator; in the foreground it goes to the terminal and is gone.  A
 * supervisor that runs and was started after the last line in any file has its
 * log elsewhere: the first thing that a daemon does is to write a line.
 */
#include "admin/trace_gap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "admin/admin.h"
#include "admin/daemons.h"
#include "admin/logfmt.h"
#include "common/mem.h"
#include "common/server_pidfile.h"

void
trace_time(int64_t when, struct buf *to)
{
	time_t seconds = (time_t)(when / 1000);
	char text[32];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	buf_addstr(to, text);
}

static bool
is_before(const struct timespec *a, const struct timespec *b)
{
	if (a->tv_sec != b->tv_sec)
		return a->tv_sec < b->tv_sec;
	return a->tv_nsec < b->tv_nsec;
}

/* When a line was last written to any of the files. */
static struct timespec
last_write(const struct log_files *log)
{
	struct timespec last = { 0 };
	struct stat st;

	for (size_t i = 0; i < log->count; i++) {
		char *path = xasprintf("log/%s", log->files[i].name);

		if (stat(path, &st) == 0 && is_before(&last, &st.st_mtim))
			last = st.st_mtim;
		free(path);
	}
	return last;
}

/* Whether the daemons run and log to something else. */
static bool
is_elsewhere(const struct log_files *log)
{
	char *path = xasprintf("run/%s.pid", supervisor_name);
	struct timespec last = last_write(log);
	struct stat st;
	bool elsewhere = stat(path, &st) == 0 &&
	    pidfile_read(supervisor_name) != 0 && is_before(&last, &st.st_mtim);

	free(path);
	return elsewhere;
}

struct holes {
	unsigned long lines;
	int64_t last;
};

static void
count_hole(void *arg, const char *line, size_t size)
{
	struct holes *holes = arg;
	struct logfmt fields;

	if (!logfmt_parse(line, size, &fields) ||
	    strcmp(logfmt_get(&fields, "event"), "log-dropped") != 0)
		return;
	holes->lines += strtoul(logfmt_get(&fields, "lines"), NULL, 10);
	holes->last = fields.when;
}

/* Lines for which nobody had room when they were written. */
static void
tell_holes(const struct log_files *log, struct buf *to)
{
	struct holes holes = { 0 };
	const struct log_search search = {
		.needle = " event=log-dropped",
		.each = count_hole,
		.arg = &holes,
	};

	log_files_search(log, &search);
	if (holes.lines == 0)
		return;
	buf_printf(to, "%lu lines of the log were lost, the last before ",
	    holes.lines);
	trace_time(holes.last, to);
	buf_addchar(to, '\n');
}

void
trace_gap(const struct log_files *log, struct buf *to)
{
	if (log->count == 0) {
		buf_addstr(to, "there is no log in ");
		admin_field(to, admin_dir());
		buf_addstr(to, "/log\n");
	} else {
		buf_addstr(to, "the log before ");
		trace_time(log->files[0].begin, to);
		buf_addstr(to, " is gone, or never was\n");
	}
	tell_holes(log, to);
	for (size_t i = 0; i < log->unread_count; i++) {
		buf_addstr(to, "not read (packed, or no right to it): log/");
		admin_field(to, log->unread[i]);
		buf_addchar(to, '\n');
	}
	if (log->count > 0 && !is_elsewhere(log))
		return;
	if (log->count > 0)
		buf_addstr(to, "the daemons that run now do not log there\n");
	buf_addstr(to,
	    "to keep a log: postlab up --detach, or in the "
	    "foreground postlab up 2>>");
	admin_field(to, admin_dir());
	buf_addstr(to, "/log/postlab.log\n");
}
