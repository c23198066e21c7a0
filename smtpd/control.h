/*
 * control.h - the queue manager's ear: run/queue (queue_request.h).
 *
 * For this user alone: the file's mode, and the peer's credentials, which must
 * be the same user's or root's.  Nothing here waits: a caller that says nothing
 * is dropped after a moment, the oldest one when there are too many, and one
 * that does not take its answer at once has none.
 */
#ifndef SMTPD_CONTROL_H
#define SMTPD_CONTROL_H

#include "common/buf.h"
#include "smtpd/queue_request.h"

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

enum { CONTROL_CALLERS = 24, CONTROL_POLLS = CONTROL_CALLERS + 1 };

struct control {
	int listener;
	size_t count;
	struct {
		int fd;
		int64_t until; /* seconds of the monotonic clock */
	} callers[CONTROL_CALLERS];
};

/* Who answers: into ANSWER, at most QUEUE_ANSWER_MAX octets. */
struct control_desk {
	void (*answer)(void *arg, const struct queue_request *request,
	    struct buf *answer);
	void *arg;
};

/* Makes the socket, in place of one that is there.  0, or -1 (logged). */
int control_open(struct control *control);
void control_close(struct control *control);

/* Fills POLLS, CONTROL_POLLS of them, and returns how many it has filled. */
size_t control_poll(const struct control *control, struct pollfd *polls);

/* Milliseconds until control_serve() has to be called all the same; -1: ever.
 */
int control_wait(const struct control *control);

/* Serves whom poll(2) has found ready: POLLS are those of control_poll(). */
void control_serve(struct control *control, const struct pollfd *polls,
    const struct control_desk *desk);

#endif
