/*
 * check_server_watch.c - what a test sees of the daemon from outside: its
 * processes and its log.
 */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "tests/check_server_stage.h"

enum {
	PATIENCE = 30 * 1000, /* milliseconds, on a busy machine */
	PAUSE = 20,
	TEXT_MAX = 1 << 20,
};

int
stage_number(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

long
stage_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
stage_sleep(int milliseconds)
{
	(void)nanosleep(&(struct timespec){ milliseconds / 1000,
			    milliseconds % 1000 * 1000000L },
	    NULL);
}

/* A file's text, "" when there is none; until the next call. */
static const char *
read_text(const char *path)
{
	static struct buf text = BUF_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	buf_reset(&text);
	if (fd != -1) {
		(void)buf_read(&text, fd, TEXT_MAX);
		close(fd);
	}
	return text.data;
}

static pid_t
parent_of(pid_t pid)
{
	char path[64];
	const char *at;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	at = strrchr(read_text(path), ')');
	/* ") S PPID ..." */
	return at != NULL && strlen(at) > 4 ? stage_number(at + 4) : 0;
}

/* Or a grandchild: a zygote's. */
static bool
is_child(pid_t pid, pid_t master)
{
	pid_t parent = parent_of(pid);

	return parent == master || (parent > 1 && parent_of(parent) == master);
}

int
stage_children(const struct stage *stage, const char *what, pid_t *pid_out)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	int count = 0;

	while ((entry = readdir(proc)) != NULL) {
		pid_t pid = (pid_t)stage_number(entry->d_name);
		char path[64];

		if (pid == 0 || !is_child(pid, stage->master))
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%d/cmdline",
		    (int)pid);
		if (strstr(read_text(path), what) == NULL)
			continue;
		count++;
		if (pid_out != NULL)
			*pid_out = pid;
	}
	closedir(proc);
	return count;
}

void
stage_await_children(const struct stage *stage, const char *what, int count)
{
	long until = stage_now() + PATIENCE;
	int n;

	while ((n = stage_children(stage, what, NULL)) != count) {
		if (stage_now() > until)
			ck_abort_msg("%d times '%s', and not %d", n, what,
			    count);
		stage_sleep(PAUSE);
	}
}

int
stage_log_count(const char *text)
{
	const char *at = read_text("log");
	int count = 0;

	while ((at = strstr(at, text)) != NULL) {
		count++;
		at += strlen(text);
	}
	return count;
}

void
stage_await_log(const char *text)
{
	long until = stage_now() + PATIENCE;

	while (stage_log_count(text) == 0) {
		if (stage_now() > until)
			ck_abort_msg("no '%s' in the log:\n%s", text,
			    read_text("log"));
		stage_sleep(PAUSE);
	}
}
