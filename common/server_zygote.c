/*
 * server_zygote.c - the process that forks workers: what it does.
 *
 * Its signals are those of its workers (server_child.c), so that they need not
 * set them; SIGCHLD only ends a wait.
 */
#include "common/server_zygote.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fdpass.h"
#include "common/server_child.h"
#include "common/server_worker.h"

enum { MOMENT = 20 * 1000 * 1000 /* nanoseconds */ };

struct brood {
	const struct server *server;
	const struct config *config;
	pid_t zygote;
	pid_t master;
	int living;
	bool ordered; /* there may be more to fork */
	bool busy;    /* an order has just come */
};

static void
on_sigchld(int number)
{
	(void)number;
}

static void
wait_for_children_too(void)
{
	struct sigaction wake = { .sa_handler = on_sigchld };
	sigset_t blocked;

	sigemptyset(&wake.sa_mask);
	sigaction(SIGCHLD, &wake, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/* Who does not hear it is a master that has died. */
static void
tell(const struct birth *birth)
{
	(void)send(CHILD_FD, birth, sizeof(*birth), MSG_NOSIGNAL);
}

static int
status_of(const siginfo_t *death)
{
	return death->si_code == CLD_EXITED ? W_EXITCODE(death->si_status, 0)
					    : death->si_status;
}

/* Told first: as long as the master has not heard of it nobody has its id. */
static void
bury(struct brood *brood)
{
	siginfo_t death = { 0 };

	while (waitid(P_ALL, 0, &death, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    death.si_pid != 0) {
		tell(&(struct birth){ true, death.si_pid, status_of(&death) });
		(void)waitpid(death.si_pid, NULL, 0);
		brood->living--;
		death.si_pid = 0;
	}
}

static void
bear(struct brood *brood, int channel)
{
	struct birth birth = { .pid = fork() };

	if (birth.pid == 0)
		worker_born(brood->server, brood->config, brood->zygote,
		    channel);
	if (birth.pid == -1)
		birth.status = errno;
	else
		brood->living++;
	tell(&birth);
	close(channel);
}

static void
take_order(struct brood *brood)
{
	char order;
	int channel;

	if (fd_receive(CHILD_FD, &order, 1, &channel) == 1 && channel != -1)
		bear(brood, channel);
	else
		brood->ordered = false;
}

/*
 * Its end is its workers', who may need a while to theirs: SIGTERM, which the
 * whole of a group may get, is for them.
 */
static bool
is_needed(const struct brood *brood)
{
	return getppid() == brood->master &&
	    (brood->ordered || brood->living > 0);
}

/*
 * Waits for an order or a death; false on an error.  While orders come fast
 * deaths wait for the next one, to be told with its answer, or for a moment:
 * each would cost the master a turn of its own.
 */
static bool
await(struct brood *brood)
{
	const struct timespec moment = { .tv_nsec = MOMENT };
	struct pollfd wait = {
		.fd = brood->ordered ? CHILD_FD : -1,
		.events = POLLIN,
	};
	sigset_t blocked;

	sigemptyset(&blocked);
	if (brood->busy)
		sigaddset(&blocked, SIGCHLD);
	if (ppoll(&wait, 1, brood->busy ? &moment : NULL, &blocked) == -1 &&
	    errno != EINTR)
		return false;
	brood->busy = wait.revents != 0;
	return true;
}

_Noreturn void
zygote_run(const struct server *server, const struct config *config,
    pid_t master, int channel)
{
	struct brood brood = {
		.server = server,
		.config = config,
		.zygote = getpid(),
		.master = master,
		.ordered = true,
	};

	child_begin(server, master,
	    &(struct child){ "zygote", channel, -1, CHILD_STOPS });
	wait_for_children_too();
	if (worker_prepare(server, config) == -1)
		_exit(1);
	while (is_needed(&brood) && await(&brood)) {
		bury(&brood);
		if (brood.busy)
			take_order(&brood);
	}
	_exit(0);
}
