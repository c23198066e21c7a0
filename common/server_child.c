/*
 * server_child.c - a child sheds what it inherited from its master.
 *
 * When the master dies, each child gets SIGTERM: a helper is gone at once, a
 * session ends at its next wait for a command.  A master that died between
 * fork() and prctl() has sent nothing: hence the look at getppid().
 */
#include "common/server_child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/log.h"
#include "common/server.h"
#include "common/server_title.h"

volatile sig_atomic_t server_stop;

static void
on_sigterm(int number)
{
	(void)number;
	server_stop = 1;
}

/* The master has all its signals blocked, and none has a handler. */
static void
set_signals(enum child_signals signals)
{
	struct sigaction stop = { .sa_handler = on_sigterm };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction normal = { .sa_handler = SIG_DFL };
	sigset_t blocked;

	sigemptyset(&stop.sa_mask);
	sigemptyset(&ignore.sa_mask);
	sigemptyset(&normal.sa_mask);
	/* ^C at a terminal reaches all; the master says who ends when. */
	sigaction(SIGINT, &ignore, NULL);
	sigaction(SIGHUP, &ignore, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGCHLD, &normal, NULL);
	sigaction(SIGTERM, signals == CHILD_STOPS ? &stop : &normal, NULL);
	sigemptyset(&blocked);
	if (signals == CHILD_STOPS)
		sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/* Either may stand where the other one shall. */
static void
keep_descriptors(int keep, int second)
{
	int end = CHILD_FD + 1;

	if (second != -1) {
		second = fcntl(second, F_DUPFD_CLOEXEC, CHILD_SECOND_FD + 1);
		end = CHILD_SECOND_FD + 1;
	}
	if (keep != CHILD_FD && dup3(keep, CHILD_FD, O_CLOEXEC) == -1)
		_exit(1);
	if (end > CHILD_SECOND_FD &&
	    dup3(second, CHILD_SECOND_FD, O_CLOEXEC) == -1)
		_exit(1);
	closefrom(end);
}

static void
die_with(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) == -1)
		log_errno("ask for the parent's death");
	if (getppid() != parent)
		_exit(0);
}

static void
take_role(const struct server *server, const char *role)
{
	log_init(server->program, role);
	title_set_role(role);
	server_doing("%s", "");
}

void
child_begin(const struct server *server, pid_t master,
    const struct child *child)
{
	keep_descriptors(child->keep, child->second);
	set_signals(child->signals);
	die_with(master);
	take_role(server, child->role);
}

void
child_born(const struct server *server, pid_t zygote, const char *role,
    int channel)
{
	/* Its like has no more than CHILD_FD. */
	if (dup2(channel, CHILD_FD) == -1)
		_exit(1);
	close(channel);
	server_stop = 0; /* what its parent was told */
	die_with(zygote);
	take_role(server, role);
}
