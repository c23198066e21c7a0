/* daemons.c - starting and finding daemons. */
#include "admin/daemons.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "common/log.h"
#include "common/server_pidfile.h"

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
