/*
 * program.c - other programs, started for a part of a message.
 *
 * What a program writes about a part is as little to be trusted as the part: it
 * is kept and shown through text_safe(), and only a program that says that it
 * needs the terminal gets it.
 */
#include "mua/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	STATUS_NO_SHELL = 127,
	STATUS_SIGNAL = 128,
	TICK = 200,        /* milliseconds between looks at the keyboard */
	TEST_TICKS = 5000, /* milliseconds a test may take */
};

/* In the child: descriptors, signals, the shell. */
_Noreturn static void
become_shell(const char *command, int in, int out)
{
	sigset_t none;

	if (in != -1 && dup2(in, STDIN_FILENO) == -1)
		_exit(STATUS_NO_SHELL);
	if (out != -1 &&
	    (dup2(out, STDOUT_FILENO) == -1 || dup2(out, STDERR_FILENO) == -1))
		_exit(STATUS_NO_SHELL);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(STATUS_NO_SHELL);
}

static int
open_null(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

/* Starts it in a group of its own, so that all of it can be ended. */
static pid_t
start(const char *command, int in, int out)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)setpgid(0, 0);
		become_shell(command, in, out);
	}
	return pid;
}

static int
wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	if (WIFSIGNALED(status))
		return STATUS_SIGNAL + WTERMSIG(status);
	return WEXITSTATUS(status);
}

/* A nameless file that holds INPUT, at its beginning; -1 with errno. */
static int
make_input(const struct buf *input)
{
	int fd = memfd_create("part", MFD_CLOEXEC);

	if (fd != -1 &&
	    (write_all(fd, input->data, input->size) == -1 ||
		lseek(fd, 0, SEEK_SET) == -1)) {
		close(fd);
		return -1;
	}
	return fd;
}

/*
 * Reads what comes from FD until it is closed.  False when the person, or the
 * length of it, has had enough.
 */
static bool
read_output(struct ui *ui, int fd, struct buf *output)
{
	char chunk[16384];

	for (;;) {
		struct pollfd in = { .fd = fd, .events = POLLIN };
		ssize_t n;

		if (poll(&in, 1, TICK) == -1 && errno != EINTR)
			return false;
		if (in.revents == 0) {
			if (typing_breaks_off(&ui->typing, ui->terminal))
				return false;
			continue;
		}
		n = read(fd, chunk, sizeof(chunk));
		if (n <= 0)
			return n == 0;
		if (output->size + (size_t)n > PROGRAM_OUTPUT_MAX)
			return false;
		buf_add(output, chunk, (size_t)n);
	}
}

int
program_filter(struct ui *ui, const char *command, const struct buf *input,
    struct buf *output)
{
	int in = make_input(input);
	int ends[2] = { -1, -1 };
	pid_t pid = -1;

	if (in != -1 && pipe2(ends, O_CLOEXEC) == 0)
		pid = start(command, in, ends[1]);
	if (in != -1)
		close(in);
	if (ends[1] != -1)
		close(ends[1]);
	if (pid == -1) {
		if (ends[0] != -1)
			close(ends[0]);
		return -1;
	}
	if (!read_output(ui, ends[0], output))
		kill(-pid, SIGTERM);
	close(ends[0]);
	return wait_for(pid);
}

int
program_foreground(struct ui *ui, const char *command)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction interrupt;
	struct sigaction quit;
	int status = -1;
	pid_t pid;

	ui->terminal->suspend(ui->terminal);
	/* Ctrl-C on the terminal is the program's now. */
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	pid = fork();
	if (pid == 0)
		become_shell(command, -1, -1);
	if (pid != -1)
		status = wait_for(pid);
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	ui->terminal->resume(ui->terminal);
	return status;
}

int
program_background(const char *command)
{
	int null = open_null();
	pid_t pid = null == -1 ? -1 : fork();

	if (pid == 0) {
		(void)setsid();
		/* Its parent ends at once, so nobody has to wait for it. */
		pid = fork();
		if (pid == 0)
			become_shell(command, null, null);
		_exit(pid == -1);
	}
	if (null != -1)
		close(null);
	return pid != -1 && wait_for(pid) == 0 ? 0 : -1;
}

bool
program_succeeds(const char *command)
{
	const struct timespec pause = { .tv_nsec = 10L * 1000 * 1000 };
	int null = open_null();
	pid_t pid = null == -1 ? -1 : start(command, null, null);
	int status = 1;

	if (null != -1)
		close(null);
	if (pid == -1)
		return false;
	for (int waited = 0; waited < TEST_TICKS; waited += 10) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status == 0;
		nanosleep(&pause, NULL);
	}
	kill(-pid, SIGKILL);
	(void)wait_for(pid);
	return false;
}
