/*
 * down.c - postlab down: stops the supervisor, or daemons that lost theirs.
 *
 * It needs no configuration: a mistake in that must not keep anybody from
 * stopping.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "admin/admin.h"
#include "admin/daemons.h"
#include "common/server_pidfile.h"

enum {
	PAUSE = 50,           /* milliseconds */
	PATIENCE = 50 * 1000, /* longer than the supervisor's */
};

/* SIGTERM to PROGRAM if it runs.  0, or an exit status. */
static int
terminate(const char *program)
{
	pid_t pid = pidfile_read(program);

	if (pid != 0 && kill(pid, SIGTERM) == -1 && errno != ESRCH)
		return admin_error(EX_NOPERM, "stop %s, process %d: %s",
		    program, (int)pid, strerror(errno));
	return EX_OK;
}

int
admin_down(int argc, char **argv)
{
	const struct timespec pause = { .tv_nsec = PAUSE * 1000000L };
	int status;
	pid_t pid;

	(void)argv;
	if (argc != 1)
		return EX_USAGE;
	status = daemons_enter_folder();
	if (status != EX_OK)
		return status;
	if (daemons_running(&pid) == 0) {
		printf("nothing runs in %s\n", admin_dir());
		return EX_OK;
	}
	if (pidfile_read(supervisor_name) != 0)
		status = terminate(supervisor_name);
	else
		for (size_t i = 0; i < DAEMON_COUNT && status == EX_OK; i++)
			status = terminate(daemon_names[i]);
	if (status != EX_OK)
		return status;
	for (int waited = 0; waited < PATIENCE; waited += PAUSE) {
		if (daemons_running(&pid) == 0)
			return EX_OK;
		(void)nanosleep(&pause, NULL);
	}
	return admin_error(EX_TEMPFAIL, "process %d is still there", (int)pid);
}
