/*
 * server_births.c - the master's zygotes: begun, asked, heard, gone.
 *
 * One forks at a time; after reloads older ones may still have workers.
 */
#include "common/server_master.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/fdpass.h"
#include "common/libraries.h"
#include "common/log.h"

enum { ANSWER_SECONDS = 10 /* of a machine that has much else to do */ };

static struct zygote *
find(struct master *m, pid_t pid)
{
	for (size_t i = 0; i < m->zygote_room; i++)
		if (m->zygotes[i].pid == pid)
			return &m->zygotes[i];
	return NULL;
}

static struct zygote *
free_slot(struct master *m)
{
	struct zygote *zygote = find(m, 0);

	if (zygote != NULL)
		return zygote;
	m->zygotes =
	    xrealloc(m->zygotes, (m->zygote_room + 1) * sizeof(*m->zygotes));
	return &m->zygotes[m->zygote_room++];
}

/* The one that forks; NULL: none. */
static struct zygote *
find_fertile(struct master *m)
{
	for (size_t i = 0; i < m->zygote_room; i++)
		if (m->zygotes[i].pid != 0 && !m->zygotes[i].retired)
			return &m->zygotes[i];
	return NULL;
}

static struct zygote *
start(struct master *m)
{
	const struct timeval patience = { .tv_sec = ANSWER_SECONDS };
	const int type = SOCK_SEQPACKET | SOCK_CLOEXEC;
	struct zygote *zygote;
	int channel[2];
	pid_t pid;

	if (socketpair(AF_UNIX, type, 0, channel) == -1) {
		log_errno("socket pair for the zygote");
		return NULL;
	}
	(void)setsockopt(channel[0], SOL_SOCKET, SO_RCVTIMEO, &patience,
	    sizeof(patience));
	libraries_give(LIBRARIES_FEW);
	pid = fork();
	if (pid == 0)
		zygote_run(m->server, m->config, m->pid, channel[1]);
	libraries_give_usual();
	close(channel[1]);
	if (pid == -1) {
		log_errno("fork the zygote");
		close(channel[0]);
		return NULL;
	}
	zygote = free_slot(m);
	*zygote = (struct zygote){ .pid = pid, .channel = channel[0] };
	master_watch(m, channel[0], EVENT_ZYGOTE,
	    (size_t)(zygote - m->zygotes));
	return zygote;
}

static void
close_channel(struct master *m, struct zygote *zygote)
{
	if (zygote->channel == -1)
		return;
	master_unwatch(m, zygote->channel);
	close(zygote->channel);
	zygote->channel = -1;
}

/* The deaths that are told before it must not wait. */
static bool
hear_birth(struct master *m, const struct zygote *zygote,
    struct birth *birth_out)
{
	int fd; /* none: but EINTR is no end */

	while (fd_receive(zygote->channel, birth_out, sizeof(*birth_out),
		   &fd) == sizeof(*birth_out)) {
		if (!birth_out->died)
			return true;
		(void)pool_reap(m, zygote->pid, birth_out->pid,
		    birth_out->status);
	}
	return false;
}

/* False (logged) when it does not answer; it is not asked again. */
static bool
ask(struct master *m, struct zygote *zygote, int channel,
    struct newborn *newborn_out)
{
	struct birth birth;

	*newborn_out = (struct newborn){ -1, zygote->pid, -1 };
	if (fd_send(zygote->channel, "", 1, channel) == -1 ||
	    !hear_birth(m, zygote, &birth)) {
		/* It may have said why; zygote_reap() tells how it ended. */
		zygote->retired = true;
		kill(zygote->pid, SIGKILL);
		(void)log_failure("zygote %d does not answer",
		    (int)zygote->pid);
		return false;
	}
	errno = birth.status;
	if (birth.pid != -1)
		newborn_out->process = pidfd_open(birth.pid, 0);
	/* Who was born all the same ends with its channel. */
	if (newborn_out->process == -1)
		(void)log_errno("fork a worker");
	else
		newborn_out->pid = birth.pid;
	return true;
}

int
birth_order(struct master *m, int channel, struct newborn *newborn_out)
{
	struct zygote *zygote = find_fertile(m);

	/* Who has died just now has a successor at once. */
	if (zygote == NULL || !ask(m, zygote, channel, newborn_out)) {
		zygote = start(m);
		if (zygote == NULL || !ask(m, zygote, channel, newborn_out))
			return -1;
	}
	return newborn_out->pid == -1 ? -1 : 0;
}

void
zygote_message(struct master *m, size_t index)
{
	const struct zygote *zygote = &m->zygotes[index];
	struct birth birth;
	ssize_t n;

	if (zygote->channel == -1)
		return;
	while ((n = recv(zygote->channel, &birth, sizeof(birth),
		    MSG_DONTWAIT)) == sizeof(birth))
		if (birth.died)
			(void)pool_reap(m, zygote->pid, birth.pid,
			    birth.status);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	close_channel(m, &m->zygotes[index]);
}

void
zygote_hear(struct master *m, pid_t pid)
{
	const struct zygote *zygote = find(m, pid);

	if (zygote != NULL)
		zygote_message(m, (size_t)(zygote - m->zygotes));
}

bool
zygote_reap(struct master *m, pid_t pid, int status)
{
	struct zygote *zygote = find(m, pid);

	if (zygote == NULL)
		return false;
	zygote_message(m, (size_t)(zygote - m->zygotes));
	close_channel(m, zygote);
	zygote->pid = 0;
	if (status != 0 && m->stop_at == 0)
		log_event(LOG_ERROR, "zygote-died", "zygote=%d how=%s",
		    (int)pid, log_safe(master_describe_exit(status)));
	pool_orphan(m, pid);
	return true;
}

void
zygote_retire(struct master *m)
{
	struct zygote *zygote = find_fertile(m);

	if (zygote == NULL)
		return;
	zygote->retired = true;
	/* It still has deaths to tell. */
	(void)shutdown(zygote->channel, SHUT_WR);
}

int
zygotes_stop(struct master *m, int signal_number)
{
	int live = 0;

	for (size_t i = 0; i < m->zygote_room; i++) {
		if (m->zygotes[i].pid == 0)
			continue;
		if (m->zygotes[i].channel != -1)
			(void)shutdown(m->zygotes[i].channel, SHUT_WR);
		kill(m->zygotes[i].pid, signal_number);
		live++;
	}
	return live;
}
