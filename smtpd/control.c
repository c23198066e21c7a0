/*
 * control.c - callers of the queue manager, served one datagram each.
 *
 * They are session workers, who may have been taken over, and the operator's
 * command.  So nobody's connection stays, and no count of them stops mail.
 */
#include "smtpd/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"

enum {
	PATIENCE = 2,  /* seconds for a request to come */
	ACCEPTED = 16, /* callers a turn of the manager's loop */
	SECOND = 1000, /* milliseconds */
};

static int64_t
now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

int
control_open(struct control *control)
{
	static const struct sockaddr_un fresh = {
		.sun_family = AF_UNIX,
		.sun_path = QUEUE_SOCKET ".new",
	};
	mode_t mask = umask(0177);
	int fd =
	    socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*control = (struct control){ .listener = fd };
	(void)unlink(fresh.sun_path);
	/* In place of that of a manager before us, without a gap. */
	if (fd == -1 ||
	    bind(fd, (const struct sockaddr *)&fresh, sizeof(fresh)) == -1 ||
	    listen(fd, SOMAXCONN) == -1 ||
	    rename(fresh.sun_path, QUEUE_SOCKET) == -1) {
		log_errno("make %s", QUEUE_SOCKET);
		control_close(control);
	}
	umask(mask);
	return control->listener == -1 ? -1 : 0;
}

/* Ends the connection of caller I; the last one takes its place. */
static void
drop(struct control *control, size_t i)
{
	close(control->callers[i].fd);
	control->callers[i] = control->callers[--control->count];
}

void
control_close(struct control *control)
{
	while (control->count > 0)
		drop(control, 0);
	if (control->listener != -1)
		close(control->listener);
	control->listener = -1;
}

size_t
control_poll(const struct control *control, struct pollfd *polls)
{
	polls[0] = (struct pollfd){ .fd = control->listener, .events = POLLIN };
	for (size_t i = 0; i < control->count; i++)
		polls[i + 1] = (struct pollfd){
			.fd = control->callers[i].fd,
			.events = POLLIN,
		};
	return control->count + 1;
}

static size_t
find_oldest(const struct control *control)
{
	size_t oldest = 0;

	for (size_t i = 1; i < control->count; i++)
		if (control->callers[i].until < control->callers[oldest].until)
			oldest = i;
	return oldest;
}

int
control_wait(const struct control *control)
{
	int64_t now = now_seconds();
	int64_t until;

	if (control->count == 0)
		return -1;
	until = control->callers[find_oldest(control)].until;
	return until <= now ? 0 : (int)(until - now) * SECOND;
}

static bool
is_ours(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	    (peer.uid == geteuid() || peer.uid == 0);
}

/* Reads the request of FD and answers.  False while none is there. */
static bool
converse(int fd, const struct control_desk *desk)
{
	char data[QUEUE_REQUEST_MAX + 1];
	ssize_t n = recv(fd, data, sizeof(data), MSG_DONTWAIT);
	struct buf answer = BUF_INIT;
	struct queue_request request;

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0)
		return true;
	if (queue_request_parse(data, (size_t)n, &request))
		desk->answer(desk->arg, &request, &answer);
	else
		buf_addstr(&answer, "no");
	if (send(fd, answer.data, answer.size, MSG_DONTWAIT | MSG_NOSIGNAL) ==
	    -1)
		log_event(LOG_DEBUG, "unanswered", "socket=%s", QUEUE_SOCKET);
	buf_clear(&answer);
	return true;
}

/* Who has its request ready is done with at once, all others are kept. */
static void
take_call(struct control *control, int fd, const struct control_desk *desk)
{
	if (!is_ours(fd)) {
		log_event(LOG_WARN, "refused-caller",
		    "socket=%s what=\"another user's\"", QUEUE_SOCKET);
		close(fd);
		return;
	}
	if (converse(fd, desk)) {
		close(fd);
		return;
	}
	if (control->count == CONTROL_CALLERS)
		drop(control, find_oldest(control));
	control->callers[control->count].fd = fd;
	control->callers[control->count++].until = now_seconds() + PATIENCE;
}

void
control_serve(struct control *control, const struct pollfd *polls,
    const struct control_desk *desk)
{
	int64_t now = now_seconds();
	int fd;

	/* From the last to the first, so that a removal moves only one done. */
	for (size_t i = control->count; i-- > 0;)
		if ((polls[i + 1].revents != 0 &&
			converse(control->callers[i].fd, desk)) ||
		    control->callers[i].until <= now)
			drop(control, i);
	if (polls[0].revents == 0)
		return;
	for (int i = 0; i < ACCEPTED; i++) {
		fd = accept4(control->listener, NULL, NULL,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd == -1)
			return;
		take_call(control, fd, desk);
	}
}
