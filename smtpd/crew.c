/* crew.c - starting, ordering and burying delivery workers. */
#include "smtpd/crew.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"
#include "common/server_title.h"
#include "smtpd/rights.h"

void
crew_init(struct crew *crew, const struct config *config, int queue)
{
	*crew = (struct crew){
		.config = config,
		.queue = queue,
		.size = (size_t)config->queue_workers,
	};
	crew->members = xcalloc(crew->size, sizeof(*crew->members));
	for (size_t i = 0; i < crew->size; i++)
		crew->members[i].fd = -1;
}

static void
let_go(struct crew_member *member)
{
	if (member->fd != -1)
		close(member->fd);
	member->fd = -1;
}

void
crew_clear(struct crew *crew)
{
	for (size_t i = 0; i < crew->size; i++)
		let_go(&crew->members[i]);
	free(crew->members);
	*crew = (struct crew){ 0 };
}

int
crew_free(const struct crew *crew)
{
	return (int)(crew->size - crew->busy);
}

static struct crew_member *
find_place(const struct crew *crew, pid_t pid)
{
	for (size_t i = 0; i < crew->size; i++)
		if (crew->members[i].pid == pid)
			return &crew->members[i];
	return NULL;
}

/*
 * The manager's descriptors are not the child's, above all not the lock that
 * makes it the only one.  Should the manager end, the delivery goes on to its
 * own end: that is the shorter way to a mailbox.
 */
_Noreturn static void
run_worker(const struct crew *crew, int channel)
{
	enum { QUEUE_FD = STDERR_FILENO + 1, CHANNEL_FD, FREE_FD };
	const struct sandbox rights = rights_of_delivery(crew->config);
	const struct delivery delivery = {
		.config = crew->config,
		.queue = QUEUE_FD,
		.relay = crew->relay,
	};
	int queue = fcntl(crew->queue, F_DUPFD_CLOEXEC, FREE_FD);
	sigset_t none;

	channel = fcntl(channel, F_DUPFD_CLOEXEC, FREE_FD);
	if (queue == -1 || channel == -1 ||
	    dup3(queue, QUEUE_FD, O_CLOEXEC) == -1 ||
	    dup3(channel, CHANNEL_FD, O_CLOEXEC) == -1)
		_exit(1);
	closefrom(FREE_FD);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	log_init("smtpd", rights.role);
	title_set_role(rights.role);
	if (sandbox_enter(&rights) == -1)
		_exit(1);
	_exit(delivery_serve(&delivery, CHANNEL_FD));
}

static struct crew_member *
start(struct crew *crew, struct crew_member *place)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0, ends) == -1) {
		log_errno("start a delivery worker");
		return NULL;
	}
	pid = fork();
	if (pid == 0)
		run_worker(crew, ends[1]);
	close(ends[1]);
	if (pid == -1) {
		log_errno("fork a delivery worker");
		close(ends[0]);
		return NULL;
	}
	*place = (struct crew_member){ .pid = pid, .fd = ends[0] };
	return place;
}

/*
 * Who is idle and was the last one at DESTINATION: the others' connections may
 * end.  With NULL, who has been idle for longest, anywhere.
 */
static struct crew_member *
find_idle(const struct crew *crew, const char *destination)
{
	struct crew_member *best = NULL;

	for (size_t i = 0; i < crew->size; i++) {
		struct crew_member *member = &crew->members[i];

		if (member->fd == -1 || member->errand != NULL ||
		    (destination != NULL &&
			strcmp(member->destination, destination) != 0))
			continue;
		if (best == NULL ||
		    (member->since > best->since) == (destination != NULL))
			best = member;
	}
	return best;
}

/* For DESTINATION: who knows the way, a new one, or whoever is idle. */
static struct crew_member *
choose(struct crew *crew, const char *destination)
{
	struct crew_member *member = find_idle(crew, destination);
	struct crew_member *place;

	if (member != NULL)
		return member;
	place = find_place(crew, 0);
	if (place != NULL)
		return start(crew, place);
	return find_idle(crew, NULL);
}

int
crew_send(struct crew *crew, struct errand *errand)
{
	struct order order = { .tell = errand->count == 1 };
	struct crew_member *member;

	(void)copy_string(order.id, sizeof(order.id), errand->id);
	(void)copy_string(order.destination, sizeof(order.destination),
	    errand->lanes[0]->name);
	while ((member = choose(crew, order.destination)) != NULL) {
		if (send(member->fd, &order, sizeof(order), MSG_NOSIGNAL) ==
		    sizeof(order))
			break;
		/* It is just ending; its death is reported by itself. */
		let_go(member);
	}
	if (member == NULL)
		return -1;
	member->errand = errand;
	(void)copy_string(member->destination, sizeof(member->destination),
	    order.destination);
	crew->busy++;
	return 0;
}

static void
end_errand(struct crew *crew, struct crew_member *member, enum crew_end end,
    const struct outcome *outcome, const struct crew_desk *desk)
{
	struct errand *errand = member->errand;
	bool away = outcome != NULL && outcome->why.code != 0;

	if (errand == NULL)
		return;
	member->errand = NULL;
	member->since = ++crew->clock;
	crew->busy--;
	desk->ended(desk->arg, errand, end, away ? &outcome->why : NULL);
}

/* Whether a worker may say so. */
static bool
is_sound(const struct outcome *outcome, const struct crew_member *member)
{
	const struct reply *why = &outcome->why;

	return member->errand != NULL &&
	    memchr(outcome->id, '\0', sizeof(outcome->id)) != NULL &&
	    strcmp(outcome->id, member->errand->id) == 0 &&
	    memchr(why->text, '\0', sizeof(why->text)) != NULL &&
	    (why->code == 0 || reply_is_temporary(why));
}

static enum crew_end
what_end(const struct outcome *outcome)
{
	if (!outcome->good)
		return CREW_FAILED;
	return outcome->over ? CREW_OVER : CREW_DONE;
}

/* Hears what MEMBER has said. */
static void
hear(struct crew *crew, struct crew_member *member,
    const struct crew_desk *desk)
{
	struct outcome outcome;
	ssize_t size = recv(member->fd, &outcome, sizeof(outcome), 0);

	if (size != sizeof(outcome)) {
		if (size >= 0)
			let_go(member);
		return;
	}
	if (!is_sound(&outcome, member)) {
		log_failure("a delivery worker says what it cannot know");
		kill(member->pid, SIGKILL);
		let_go(member);
		return;
	}
	end_errand(crew, member, what_end(&outcome), &outcome, desk);
}

size_t
crew_poll(const struct crew *crew, struct pollfd *polls)
{
	for (size_t i = 0; i < crew->size; i++)
		polls[i] = (struct pollfd){
			.fd = crew->members[i].fd,
			.events = POLLIN,
		};
	return crew->size;
}

void
crew_hear(struct crew *crew, const struct pollfd *polls,
    const struct crew_desk *desk)
{
	for (size_t i = 0; i < crew->size; i++)
		if (polls[i].fd != -1 && polls[i].revents != 0 &&
		    crew->members[i].fd == polls[i].fd)
			hear(crew, &crew->members[i], desk);
}

void
crew_reap(struct crew *crew, const struct crew_desk *desk)
{
	struct crew_member *member;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		member = find_place(crew, pid);
		if (member == NULL)
			continue;
		/* Its last word may not have been heard. */
		if (member->fd != -1)
			hear(crew, member, desk);
		let_go(member);
		if (status != 0)
			log_event(LOG_ERROR, "delivery-died", "id=%s status=%d",
			    member->errand == NULL ? "" : member->errand->id,
			    status);
		end_errand(crew, member,
		    status == 0 ? CREW_UNBEGUN : CREW_FAILED, NULL, desk);
		*member = (struct crew_member){ .fd = -1 };
	}
}

void
crew_again(struct crew *crew)
{
	for (size_t i = 0; i < crew->size; i++)
		if (crew->members[i].errand != NULL)
			crew->members[i].errand->again = true;
}
