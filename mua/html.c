/*
 * html.c - the child that reads a page.
 */
#include "mua/html.h"

#include "common/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SECONDS_MAX = 5, OWN_FD = 3 };

static const struct sandbox sandbox = {
	.role = "html",
	.memory = (size_t)512 * 1024 * 1024,
	.files = 16,
};

/* Only the pipe stays: not the terminal, the mailbox or its index. */
static int
keep_one(int pipe)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null == -1)
		return -1;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (null != fd && dup2(null, fd) == -1)
			return -1;
	if (pipe != OWN_FD && dup2(pipe, OWN_FD) == -1)
		return -1;
	return close_range(OWN_FD + 1, UINT32_MAX, 0);
}

_Noreturn static void
child(const char *data, size_t size, int pipe)
{
	struct rlimit seconds = { SECONDS_MAX, SECONDS_MAX };
	struct buf text = BUF_INIT;

	if (keep_one(pipe) == -1 || setrlimit(RLIMIT_CPU, &seconds) == -1 ||
	    sandbox_enter(&sandbox) == -1)
		_exit(1);
	html_render(data, size, &text);
	_exit(write_all(OWN_FD, text.data, text.size) == -1);
}

static int64_t
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* Reads until the end, for at most so long.  0 or -1. */
static int
read_reply(int fd, struct buf *to)
{
	int64_t end = now() + 2 * SECONDS_MAX;
	char chunk[16384];

	for (;;) {
		struct pollfd in = { .fd = fd, .events = POLLIN };
		int left = (int)(end - now());
		ssize_t n;

		if (left <= 0 || to->size > HTML_TEXT_MAX * 2)
			return -1;
		if (poll(&in, 1, left * 1000) == -1 && errno != EINTR)
			return -1;
		if (in.revents == 0)
			continue;
		n = read(fd, chunk, sizeof(chunk));
		if (n <= 0)
			return n == 0 ? 0 : -1;
		buf_add(to, chunk, (size_t)n);
	}
}

bool
html_to_text(const char *data, size_t size, struct buf *to)
{
	struct buf text = BUF_INIT;
	int ends[2];
	int status = -1;
	bool good;
	pid_t pid;

	if (size > HTML_SOURCE_MAX || pipe2(ends, O_CLOEXEC) == -1)
		return false;
	pid = fork();
	if (pid == 0)
		child(data, size, ends[1]);
	close(ends[1]);
	good = pid != -1 && read_reply(ends[0], &text) == 0;
	close(ends[0]);
	if (pid != -1) {
		if (!good)
			kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			;
	}
	good = good && status == 0;
	if (good)
		buf_add(to, text.data, text.size);
	buf_clear(&text);
	return good;
}
