/* daemons.c - starting and finding daemons. */
#include "admin/daemons.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "common/buf.h"
#include "common/log.h"
#include "common/server_pidfile.h"

enum { OUTPUT_MAX = 1 << 20 };

const char *const daemon_names[DAEMON_COUNT] = { "mda", "smtpd", "pop3d" };
const char supervisor_name[] = "postlab";

/* PROGRAM beside our own file; "" when it is not there. */
static void
find_beside(const char *program, char *path, size_t size)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	path[0] = '\0';
	if (n <= 0)
		return;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (slash == NULL)
		return;
	*slash = '\0';
	n = snprintf(path, size, "%s/%s", self, program);
	if (n < 0 || (size_t)n >= size || access(path, X_OK) == -1)
		path[0] = '\0';
}

_Noreturn static void
run_program(const char *path, const char *program, const char *notify_socket)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	setenv("NOTIFY_SOCKET", notify_socket, 1);
	/* The folder may lie below one that the daemon must not search. */
	if (*path != '\0')
		execl(path, program, "-d", ".", (char *)NULL);
	else
		execlp(program, program, "-d", ".", (char *)NULL);
	log_errno("run %s", program);
	_exit(EX_UNAVAILABLE);
}

pid_t
daemon_start(const char *program, const char *notify_socket)
{
	char path[4352];
	pid_t pid;

	find_beside(program, path, sizeof(path));
	pid = fork();
	if (pid == 0)
		run_program(path, program, notify_socket);
	if (pid == -1)
		log_errno("fork for %s", program);
	return pid;
}

int
daemon_find(const char *program)
{
	char path[4352];

	find_beside(program, path, sizeof(path));
	return *path == '\0' ? -1 : open(path, O_PATH | O_CLOEXEC);
}

/* In the child. */
_Noreturn static void
ask_program(int file, const char *const words[], int output)
{
	size_t count = 0;
	char **argv;

	while (words[count] != NULL)
		count++;
	/* exec's promise not to write to them is not in its type. */
	argv = xcalloc(count + 1, sizeof(*argv));
	for (size_t i = 0; i < count; i++)
		argv[i] = xstrdup(words[i]);
	if (output != -1 && dup2(output, STDOUT_FILENO) == -1)
		_exit(EX_OSERR);
	if (file != -1)
		fexecve(file, argv, environ);
	else
		execvp(argv[0], argv);
	log_errno("run %s", argv[0]);
	_exit(EX_UNAVAILABLE);
}

int
daemon_run(int file, const char *const words[], struct buf *output)
{
	int ends[2] = { -1, -1 };
	int status = EX_UNAVAILABLE;
	pid_t pid = -1;

	fflush(stdout);
	if (output != NULL && pipe2(ends, O_CLOEXEC) == -1) {
		log_errno("make a pipe for %s", words[0]);
		goto out;
	}
	pid = fork();
	if (pid == 0)
		ask_program(file, words, ends[1]);
	if (pid == -1) {
		log_errno("fork for %s", words[0]);
		goto out;
	}
	if (output != NULL) {
		close(ends[1]);
		ends[1] = -1;
		(void)buf_read(output, ends[0], OUTPUT_MAX);
	}
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status))
		status = WEXITSTATUS(status);
	else
		status = EX_UNAVAILABLE;
out:
	for (int i = 0; i < 2; i++)
		if (ends[i] != -1)
			close(ends[i]);
	if (file != -1)
		close(file);
	return status;
}

int
daemons_enter_folder(void)
{
	if (chdir(admin_dir()) == 0)
		return EX_OK;
	return admin_error(EX_NOINPUT, "%s: %s", admin_dir(), strerror(errno));
}

int
daemons_running(pid_t *pid_out)
{
	int count = 0;

	*pid_out = pidfile_read(supervisor_name);
	count += *pid_out != 0;
	for (size_t i = 0; i < DAEMON_COUNT; i++) {
		pid_t pid = pidfile_read(daemon_names[i]);

		if (pid == 0)
			continue;
		count++;
		if (*pid_out == 0)
			*pid_out = pid;
	}
	return count;
}
