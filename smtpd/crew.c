/* crew.c - starting and burying delivery workers. */
#include "smtpd/crew.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"
#include "common/server.h"
#include "common/server_title.h"
#include "smtpd/delivery.h"
#include "smtpd/rights.h"

void
crew_init(struct crew *crew, const struct config *config, int queue)
{
	crew->config = config;
	crew->queue = queue;
	crew->size = (size_t)config->queue_workers;
	crew->members = xcalloc(crew->size, sizeof(*crew->members));
}

static struct crew_member *
find_place(const struct crew *crew, pid_t pid)
{
	for (size_t i = 0; i < crew->size; i++)
		if (crew->members[i].pid == pid)
			return &crew->members[i];
	return NULL;
}

bool
crew_has_room(const struct crew *crew)
{
	return find_place(crew, 0) != NULL;
}

bool
crew_is_on(const struct crew *crew, const char *id)
{
	for (size_t i = 0; i < crew->size; i++)
		if (crew->members[i].pid != 0 &&
		    strcmp(crew->members[i].id, id) == 0)
			return true;
	return false;
}

/*
 * The manager's descriptors are not the child's, above all not the lock that
 * makes it the only one.  Should the manager end, the delivery goes on to its
 * own end: that is the shorter way to a mailbox.
 */
_Noreturn static void
run_delivery(const struct crew *crew, const char *id, enum task task)
{
	enum { QUEUE_FD = STDERR_FILENO + 1 };
	const struct sandbox rights = rights_of_delivery(crew->config);
	const struct delivery delivery = {
		.config = crew->config,
		.queue = QUEUE_FD,
		.relay = crew->relay,
	};
	sigset_t none;

	if (crew->queue != QUEUE_FD &&
	    dup3(crew->queue, QUEUE_FD, O_CLOEXEC) == -1)
		_exit(1);
	closefrom(QUEUE_FD + 1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	log_init("smtpd", rights.role);
	title_set_role(rights.role);
	server_doing("%s", id);
	if (sandbox_enter(&rights) == -1)
		_exit(1);
	_exit(delivery_run(&delivery, id, task));
}

int
crew_start(struct crew *crew, const char *id, enum task task)
{
	struct crew_member *place = find_place(crew, 0);
	pid_t pid;

	if (place == NULL)
		return -1;
	pid = fork();
	if (pid == 0)
		run_delivery(crew, id, task);
	if (pid == -1)
		return log_errno("fork a delivery worker");
	place->pid = pid;
	place->again = false;
	(void)copy_string(place->id, sizeof(place->id), id);
	return 0;
}

void
crew_reap(struct crew *crew,
    void (*ended)(void *arg, const struct crew_member *member, bool good),
    void *arg)
{
	struct crew_member *place;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		place = find_place(crew, pid);
		if (place == NULL)
			continue;
		place->pid = 0;
		if (status != 0)
			log_event(LOG_ERROR, "delivery-died", "id=%s status=%d",
			    place->id, status);
		ended(arg, place, status == 0);
	}
}

void
crew_again(struct crew *crew)
{
	for (size_t i = 0; i < crew->size; i++)
		crew->members[i].again = true;
}
