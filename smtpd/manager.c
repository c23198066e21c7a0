/*
 * manager.c - the queue manager's loop: what it hears, from whom.
 *
 * Files and mda's socket (watch.c), its delivery workers and their ends
 * (SIGCHLD), requests (control.c, answered by inquiry.c), the end of its
 * master.  What it then does is in rounds.c.
 */
#include "smtpd/manager.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/log.h"
#include "common/sandbox.h"
#include "smtpd/control.h"
#include "smtpd/inquiry.h"
#include "smtpd/relay.h"
#include "smtpd/rights.h"
#include "smtpd/rounds.h"
#include "smtpd/watch.h"

enum { SECOND = 1000 /* milliseconds */ };

/* Places in the array of poll(2). */
enum { POLL_CHANNEL, POLL_WATCH, POLL_CHILDREN, POLL_CREW };

struct manager {
	int queue;
	int channel;
	int lock;
	int children; /* signalfd */
	struct watch watch;
	struct control control;
	struct inquiry inquiry;
	struct rounds rounds;
};

static void
reap_deliveries(struct manager *m)
{
	const struct crew_desk desk = rounds_desk(&m->rounds);
	struct signalfd_siginfo info;

	/* One signal may stand for several children: it is only a hint. */
	while (read(m->children, &info, sizeof(info)) > 0)
		continue;
	crew_reap(&m->rounds.crew, &desk);
}

static void
hear_deliveries(struct manager *m, const struct pollfd *polls)
{
	const struct crew_desk desk = rounds_desk(&m->rounds);

	crew_hear(&m->rounds.crew, polls, &desk);
}

static void
take_event(void *arg, enum watch_event what, const char *id)
{
	struct manager *m = arg;

	switch (what) {
	case WATCH_LOST:
		rounds_rescan(&m->rounds, true);
		break;
	case WATCH_MDA_BACK:
		rounds_hurry(&m->rounds);
		break;
	case WATCH_ARRIVED:
		rounds_take_in(&m->rounds, id);
		break;
	}
}

static void
take_request(void *arg, const struct queue_request *request, struct buf *answer)
{
	struct manager *m = arg;

	/* He is told of what was there when he asked. */
	watch_read(&m->watch, take_event, m);
	rounds_learn(&m->rounds);
	inquiry_answer(&m->inquiry, request, answer);
	if (m->inquiry.rescan)
		rounds_rescan(&m->rounds, false);
	m->inquiry.rescan = false;
}

/* Milliseconds until there is something to do. */
static int
time_to_wait(const struct manager *m)
{
	int wait = rounds_wait(&m->rounds);
	int calls = control_wait(&m->control);

	return calls != -1 && calls < wait ? calls : wait;
}

/* One wait, and what it brings.  0 to go on, else the exit status plus 1. */
static int
serve_once(struct manager *m, struct pollfd *ready)
{
	const struct control_desk desk = { .answer = take_request, .arg = m };
	struct pollfd *crew = ready + POLL_CREW;
	struct pollfd *control = crew + crew_poll(&m->rounds.crew, crew);
	size_t n = control_poll(&m->control, control);

	if (poll(ready, (size_t)(control - ready) + n, time_to_wait(m)) == -1) {
		if (errno == EINTR)
			return 0;
		log_errno("poll in the queue manager");
		return 2;
	}
	if (ready[POLL_CHANNEL].revents != 0)
		return 1;
	if (ready[POLL_WATCH].revents != 0)
		watch_read(&m->watch, take_event, m);
	hear_deliveries(m, crew);
	if (ready[POLL_CHILDREN].revents != 0)
		reap_deliveries(m);
	control_serve(&m->control, control, &desk);
	return 0;
}

static int
serve(struct manager *m)
{
	size_t places = POLL_CREW + m->rounds.crew.size + CONTROL_POLLS;
	struct pollfd *ready = xcalloc(places, sizeof(*ready));
	int status;

	ready[POLL_CHANNEL] =
	    (struct pollfd){ .fd = m->channel, .events = POLLIN };
	ready[POLL_WATCH] =
	    (struct pollfd){ .fd = m->watch.fd, .events = POLLIN };
	ready[POLL_CHILDREN] =
	    (struct pollfd){ .fd = m->children, .events = POLLIN };
	do {
		rounds_go(&m->rounds);
		status = serve_once(m, ready);
	} while (status == 0);
	free(ready);
	return status - 1;
}

/*
 * There is one manager a queue: a second one waits until the first, of a
 * master that is just ending, is gone.  0; -1 when our own master has gone.
 */
static int
become_the_one(struct manager *m)
{
	struct pollfd channel = { .fd = m->channel, .events = POLLIN };

	while ((m->lock = queue_own(m->queue)) == -1)
		if (errno != EWOULDBLOCK || poll(&channel, 1, SECOND) != 0)
			return -1;
	return 0;
}

static int
hear_of_children(struct manager *m)
{
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	m->children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	return m->children == -1 ? log_errno("start the queue manager") : 0;
}

int
manager_run(const struct config *config, int channel)
{
	const struct sandbox rights = rights_of_manager(config);
	struct manager m = { .channel = channel };

	m.queue = open("queue", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m.queue == -1) {
		log_errno("open queue/");
		return 1;
	}
	rounds_init(&m.rounds, config, m.queue);
	m.rounds.crew.relay = relay_open(config);
	m.inquiry = (struct inquiry){
		.config = config,
		.queue = m.queue,
		.schedule = &m.rounds.schedule,
		.turns = &m.rounds.turns,
	};
	if (become_the_one(&m) == -1 || hear_of_children(&m) == -1 ||
	    watch_open(&m.watch, config) == -1 ||
	    control_open(&m.control) == -1 || sandbox_enter(&rights) == -1)
		return 1;
	return serve(&m);
}
