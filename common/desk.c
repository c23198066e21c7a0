/*
 * desk.c - a process a question.
 *
 * The libraries are loaded and set up in the parent, so a child costs a fork
 * and its sandbox.  Nothing that a message has said stays behind.
 */
#include "common/desk.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/fdpass.h"
#include "common/helper_socket.h"
#include "common/log.h"
#include "common/sandbox.h"

enum {
	ASKING_MAX = 5,   /* seconds for the question itself */
	ABSENCE_MAX = 10, /* seconds that a helper may be away */
	PAUSE = 50,       /* milliseconds before it is looked for again */
	SECOND = 1000,
};

struct child {
	pid_t pid; /* 0: the place is free */
	int64_t until;
};

struct room {
	const struct desk *desk;
	int listener;
	int signals; /* a signalfd: a child has ended */
	struct child *children;
	int busy;
};

/* What somebody asks, and whom. */
struct inquiry {
	const char *program, *role;
	const char *question;
	int message_fd;
};

/* Milliseconds of a clock that only goes forward. */
static int64_t
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * SECOND + time.tv_nsec / 1000000;
}

static bool
wait_for(int fd, int64_t until)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	int64_t left;
	int n;

	do {
		left = until - now();
		if (left < 0)
			left = 0;
		n = poll(&poll_fd, 1, (int)left);
	} while (n == -1 && errno == EINTR);
	return n == 1;
}

/* In the child. */
static int
answer(const struct desk *desk, int fd)
{
	char question[DESK_QUESTION_MAX + 1];
	struct buf text = BUF_INIT;
	int message = -1;
	int rc = -1;
	ssize_t n;

	if (!wait_for(fd, now() + ASKING_MAX * SECOND))
		return -1;
	n = fd_receive(fd, question, DESK_QUESTION_MAX, &message);
	if (n > 0 && message != -1) {
		question[n] = '\0';
		rc = desk->answer(desk->arg, question, message, &text);
	}
	if (rc == 0 && text.size <= DESK_ANSWER_MAX)
		rc = fd_send(fd, text.data, text.size, -1);
	buf_clear(&text);
	if (message != -1)
		close(message);
	return rc;
}

_Noreturn static void
run_child(const struct room *room, int fd)
{
	const struct desk *desk = room->desk;
	sigset_t none;

	/* Who ended the helper wants no more of its children's work. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close(room->listener);
	close(room->signals);
	if (sandbox_enter(desk->answering) == -1)
		_exit(EXIT_FAILURE);
	_exit(answer(desk, fd) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void
start_child(struct room *room, int fd)
{
	struct child *place = room->children;
	pid_t pid;

	while (place->pid != 0)
		place++;
	pid = fork();
	if (pid == 0)
		run_child(room, fd);
	if (pid == -1) {
		log_errno("fork");
		return;
	}
	place->pid = pid;
	place->until = now() + (int64_t)room->desk->seconds * SECOND;
	room->busy++;
}

static void
accept_question(struct room *room)
{
	int fd = accept4(room->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd == -1) {
		if (errno != EAGAIN && errno != ECONNABORTED)
			log_errno("accept");
		return;
	}
	start_child(room, fd);
	close(fd);
}

static void
bury(struct room *room)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(room->signals, &info, sizeof(info)) > 0)
		continue;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (int i = 0; i < room->desk->most; i++) {
			if (room->children[i].pid != pid)
				continue;
			room->children[i].pid = 0;
			room->busy--;
		}
		if (WIFSIGNALED(status))
			log_event(LOG_WARN, "gave-up", "pid=%d signal=%d",
			    (int)pid, WTERMSIG(status));
	}
}

/* Ends who takes too long; how many milliseconds until there is one, or -1. */
static int
end_late(const struct room *room)
{
	int64_t time = now();
	int64_t next = -1;

	for (int i = 0; i < room->desk->most; i++) {
		const struct child *child = &room->children[i];

		if (child->pid == 0)
			continue;
		if (child->until <= time)
			kill(child->pid, SIGKILL);
		else if (next == -1 || child->until - time < next)
			next = child->until - time;
	}
	return (int)next;
}

static int
open_signals(void)
{
	sigset_t child;
	int fd;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd == -1 ? log_errno("make a signal descriptor") : fd;
}

static int
open_room(struct room *room)
{
	const struct desk *desk = room->desk;

	room->children = xcalloc((size_t)desk->most, sizeof(*room->children));
	room->listener = helper_listen(desk->program, desk->role);
	room->signals = open_signals();
	if (room->listener == -1 || room->signals == -1)
		return -1;
	/* The filter of the children is made once, and here. */
	if (sandbox_prepare(desk->answering) == -1)
		return -1;
	return sandbox_enter(desk->sandbox);
}

int
desk_run(const struct desk *desk, int channel)
{
	struct room room = { .desk = desk };
	struct pollfd fds[3];

	if (open_room(&room) == -1)
		return EXIT_FAILURE;
	fds[0] = (struct pollfd){ .fd = channel, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = room.listener, .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = room.signals, .events = POLLIN };
	log_event(LOG_DEBUG, "ready", "socket=run/%s-%s", desk->program,
	    desk->role);
	for (;;) {
		/* Who comes when all are busy waits in the listener's queue. */
		fds[1].fd = room.busy < desk->most ? room.listener : -1;
		if (poll(fds, 3, end_late(&room)) == -1) {
			if (errno == EINTR)
				continue;
			log_errno("wait for questions");
			return EXIT_FAILURE;
		}
		if (fds[0].revents != 0)
			return EXIT_SUCCESS;
		if (fds[2].revents != 0)
			bury(&room);
		if (fds[1].revents != 0)
			accept_question(&room);
	}
}

/* The one datagram that is the answer, or nothing. */
static int
receive_answer(int fd, int64_t until, struct buf *to)
{
	char *text;
	ssize_t n;

	if (!wait_for(fd, until)) {
		errno = ETIMEDOUT;
		return -1;
	}
	text = xmalloc(DESK_ANSWER_MAX);
	n = recv(fd, text, DESK_ANSWER_MAX, 0);
	if (n > 0)
		buf_add(to, text, (size_t)n);
	else if (n == 0)
		errno = ECONNRESET;
	free(text);
	return n > 0 ? 0 : -1;
}

static int
ask_once(const struct inquiry *inquiry, int64_t until, struct buf *to)
{
	size_t size = strlen(inquiry->question);
	int fd = helper_connect(inquiry->program, inquiry->role);
	int saved;
	int rc = -1;

	if (fd == -1)
		return -1;
	if (size > DESK_QUESTION_MAX)
		errno = EMSGSIZE;
	else if (fd_send(fd, inquiry->question, size, inquiry->message_fd) == 0)
		rc = receive_answer(fd, until, to);
	saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

/*
 * Whether it was the helper that had no answer: it is not there, or went away
 * in the middle.  The latter counts once: else it is the message that ends it.
 */
static bool
may_come_back(int *losses)
{
	switch (errno) {
	case ENOENT:
	case ECONNREFUSED:
	case EAGAIN:
		return true;
	case ECONNRESET:
	case EPIPE:
		return ++*losses == 1;
	default:
		return false;
	}
}

int
desk_ask(const char *program, const char *role, const char *question,
    int message_fd, int seconds, struct buf *to)
{
	const struct inquiry inquiry = { program, role, question, message_fd };
	int64_t until = now() + (int64_t)seconds * SECOND;
	int64_t back = now() + ABSENCE_MAX * SECOND;
	int losses = 0;

	if (until < back)
		back = until;
	while (ask_once(&inquiry, until, to) == -1) {
		int why = errno;

		if (!may_come_back(&losses) || now() + PAUSE > back) {
			errno = why;
			return -1;
		}
		(void)poll(NULL, 0, PAUSE);
	}
	return 0;
}
