/*
 * server_grant.c - the processes of grants, and those that begin anew.
 *
 * A grant gets a process without most libraries, which is cheaper and enough
 * for nearly every login.  One that finds that it needs the rest sends its
 * descriptor back and ends, and another one takes its place.  What it was
 * granted is the master's to remember, and who asks is the kernel's word
 * (SCM_CREDENTIALS), so nobody can ask for another's.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/libraries.h"
#include "common/log.h"
#include "common/server_master.h"

union control {
	struct cmsghdr header; /* for its alignment */
	char data[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
};

void
grants_init(struct master *m)
{
	const int type = SOCK_SEQPACKET | SOCK_CLOEXEC;
	const int on = 1;

	if (m->server->serve_grant == NULL || libraries_are_whole())
		return;
	if (socketpair(AF_UNIX, type, 0, m->appeals) == -1 ||
	    setsockopt(m->appeals[0], SOL_SOCKET, SO_PASSCRED, &on,
		sizeof(on)) == -1)
		panic("no socket for grants");
	master_watch(m, m->appeals[0], EVENT_APPEAL, 0);
}

pid_t
grant_fork(struct master *m, int fd, const char *text, bool all)
{
	const bool whole = libraries_are_whole();
	const struct grant grant = { fd, text, all ? -1 : m->appeals[1] };
	pid_t pid;

	if (all)
		libraries_give(true);
	pid = fork();
	if (pid == 0)
		grant_run(m->server, m->config, m->pid, &grant);
	libraries_give(whole);
	return pid == -1 ? log_errno("fork a worker") : pid;
}

/* The descriptor in PART; where there are several none is meant. */
static int
take_descriptor(const struct cmsghdr *part)
{
	int fds[sizeof(union control) / sizeof(int)]; /* more find no room */
	size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(fds[0]);

	memcpy(fds, CMSG_DATA(part), count * sizeof(fds[0]));
	if (count == 1)
		return fds[0];
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
	return -1;
}

/* The descriptor, -1 for none, and who sent it. */
static int
receive(int socket, pid_t *pid_out)
{
	union control control = { 0 };
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.data,
		.msg_controllen = sizeof(control.data),
	};
	struct ucred sender = { 0 };
	int fd = -1;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) == -1)
		return -1;
	for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part != NULL;
	     part = CMSG_NXTHDR(&message, part)) {
		if (part->cmsg_level != SOL_SOCKET)
			continue;
		if (part->cmsg_type == SCM_RIGHTS)
			fd = take_descriptor(part);
		if (part->cmsg_type == SCM_CREDENTIALS)
			memcpy(&sender, CMSG_DATA(part), sizeof(sender));
	}
	*pid_out = sender.pid;
	return fd;
}

/* Helpers speak of a grant by its process, which is another one now. */
static void
rename_grant(struct master *m, pid_t old, pid_t pid)
{
	for (size_t i = 0; i < m->server->helper_count; i++)
		if (m->helpers[i].granted == old)
			m->helpers[i].granted = pid;
}

/* Nobody asks how the old process of WORKER ends. */
static void
begin_anew(struct master *m, struct worker *worker, int fd)
{
	pid_t old = worker->pid;
	pid_t pid = grant_fork(m, fd, worker->grant, true);

	if (pid == -1)
		return;
	worker->pid = pid;
	worker->since = master_now();
	free(worker->grant);
	worker->grant = NULL;
	rename_grant(m, old, pid);
}

void
grants_hear(struct master *m)
{
	pid_t sender = 0;
	int fd;

	while ((fd = receive(m->appeals[0], &sender)) != -1) {
		struct worker *worker = pool_find(m, sender);

		if (worker != NULL && worker->grant != NULL && m->stop_at == 0)
			begin_anew(m, worker, fd);
		close(fd);
	}
}
