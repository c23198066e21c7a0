/*
 * task_work.c - the working half of a task: it tells its parent, or, without
 * one, the terminal.
 */
#include "mua/task_private.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/conn.h"
#include "maildir/message.h"

static volatile sig_atomic_t stop;

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
note_stop(int number)
{
	if (number != SIGINT) {
		stop = 1;
		return;
	}
	if (stop != 0)
		_exit(TASK_CANCELLED);
	stop = 1;
	/* Pending until the next wait, which it ends. */
	kill(getpid(), SIGTERM);
}

void
task_take_signals(bool interrupt)
{
	struct sigaction action = { .sa_handler = note_stop };
	sigset_t term;

	stop = 0;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (interrupt)
		sigaction(SIGINT, &action, NULL);
}

static void
send_record(const struct task *task, const struct record *record)
{
	size_t size = offsetof(struct record, text) + strlen(record->text) + 1;

	/* A parent that is gone is no reason to leave things half done. */
	(void)send(task->fd, record, size, MSG_NOSIGNAL);
}

/* Foreign bytes, harmless, on a line of their own. */
static void
print_line(FILE *to, const char *text)
{
	struct buf safe = BUF_INIT;

	text_safe(text, strlen(text), &safe);
	fprintf(to, "%s\n", safe.data);
	fflush(to);
	buf_clear(&safe);
}

static void
wipe_progress(struct task *task)
{
	if (task->is_shown)
		fputs("\r\033[K", stderr);
	task->is_shown = false;
}

static void
show_progress(struct task *task, const struct record *record)
{
	struct buf safe = BUF_INIT;

	text_safe(record->text, strlen(record->text), &safe);
	wipe_progress(task);
	fputs(task->title, stderr);
	if (record->total > 0)
		fprintf(stderr, ": %zu of %zu", record->done, record->total);
	if (*safe.data != '\0')
		fprintf(stderr, "%s%.60s", record->total > 0 ? ", " : ": ",
		    safe.data);
	fflush(stderr);
	task->is_shown = true;
	buf_clear(&safe);
}

void
task_progress(struct task *task, size_t done, size_t total, const char *fmt,
    ...)
{
	struct record record = {
		.type = RECORD_PROGRESS,
		.done = done,
		.total = total,
	};
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(record.text, PROGRESS_TEXT, fmt, ap);
	va_end(ap);
	if (task->fd != -1)
		send_record(task, &record);
	else if (task->shows_progress)
		show_progress(task, &record);
}

void
task_result(struct task *task, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(task->result, sizeof(task->result), fmt, ap);
	va_end(ap);
}

void
task_keep_secret(struct task *task, const struct password *password,
    const char *login)
{
	task->secret = *password;
	(void)copy_string(task->login, sizeof(task->login), login);
}

void
task_hide_secret(const struct task *task, char *text)
{
	password_hide(&task->secret, task->login, text);
}

static void
take_wire_line(void *arg, enum wire_direction direction, const char *text,
    const char *words)
{
	struct task *task = arg;
	struct record record = {
		.type = RECORD_WIRE,
		.direction = direction,
		.at = now() - task->began,
	};

	(void)copy_string(record.text, sizeof(record.text), text);
	task_hide_secret(task, record.text);
	(void)copy_string(record.words, sizeof(record.words), words);
	if (task->fd != -1) {
		send_record(task, &record);
	} else if (task->prints_wire) {
		struct wire_line line = {
			.direction = direction,
			.at = record.at,
			.text = record.text,
			.words = record.words,
		};
		struct lines lines = { 0 };

		wipe_progress(task);
		wire_show(&line, true, &lines);
		for (size_t i = 0; i < lines.count; i++)
			print_line(stdout, lines.items[i].text);
		lines_clear(&lines);
	}
}

void
task_note(struct task *task, const char *fmt, ...)
{
	char text[RECORD_TEXT + 1];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	take_wire_line(task, WIRE_NOTE, text, "");
}

void
task_tap(struct task *task, struct conn *conn, enum wire_protocol protocol)
{
	wire_tap_open(&task->tap, protocol, conn, take_wire_line, task);
}

const volatile sig_atomic_t *
task_stop(const struct task *task)
{
	(void)task;
	return &stop;
}

_Noreturn void
task_become(const struct task_job *job, int fd)
{
	struct task task = { .title = job->title, .fd = fd, .began = now() };
	struct record record = { .type = RECORD_RESULT };
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	int status;

	/* The terminal is the parent's; its keys are not for us. */
	if (nothing != -1) {
		dup2(nothing, STDIN_FILENO);
		dup2(nothing, STDOUT_FILENO);
	}
	task_take_signals(false);
	if (!job->must_finish)
		prctl(PR_SET_PDEATHSIG, SIGTERM);
	else
		signal(SIGHUP, SIG_IGN);
	status = job->work(&task, job->arg);
	(void)copy_string(record.text, sizeof(record.text), task.result);
	send_record(&task, &record);
	_exit(status);
}

int
task_foreground(const struct task_job *job, bool wire)
{
	struct task task = {
		.title = job->title,
		.fd = -1,
		.prints_wire = wire,
		.shows_progress = isatty(STDERR_FILENO),
		.began = now(),
	};
	int status;

	task_take_signals(true);
	status = job->work(&task, job->arg);
	if (stop != 0 && status != 0)
		status = TASK_CANCELLED;
	wipe_progress(&task);
	password_forget(&task.secret);
	if (status == 0 && *task.result != '\0') {
		print_line(stdout, task.result);
	} else if (status != 0) {
		struct buf text = BUF_INIT;

		buf_printf(&text, "mua: %s",
		    status == TASK_CANCELLED   ? "broken off"
			: *task.result == '\0' ? "it did not work"
					       : task.result);
		print_line(stderr, text.data);
		buf_clear(&text);
	}
	if (job->free != NULL)
		job->free(job->arg);
	return status;
}
