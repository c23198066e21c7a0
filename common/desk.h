/*
 * desk.h - a helper that answers questions, each in a process of its own.
 *
 * A question is a short text and the descriptor of a message; its answer is a
 * text.  Who answers knows one message and nothing of others, may be killed by
 * what is in it, and is ended when it takes too long.  Who asks waits as long
 * as it likes and goes on without an answer when there is none.
 *
 * The process that answers can write to the descriptor where its owner can: it
 * is the sender's own message, and nobody else's.
 */
#ifndef COMMON_DESK_H
#define COMMON_DESK_H

#include "common/buf.h"

struct sandbox;

enum {
	DESK_QUESTION_MAX = 4096, /* octets */
	DESK_ANSWER_MAX = 65536,
};

struct desk {
	const char *program; /* with ROLE, the name of the socket */
	const char *role;
	/* Of the process that accepts, and of those that answer. */
	const struct sandbox *sandbox;
	const struct sandbox *answering;
	int most;    /* that answer at once; who comes then waits his turn */
	int seconds; /* that one may take */
	/*
	 * Appends the answer to QUESTION, a string; MESSAGE_FD is the desk's.
	 * 0, or -1 when there is none.
	 */
	int (*answer)(void *arg, const char *question, int message_fd,
	    struct buf *to);
	void *arg;
};

/*
 * As a helper of server.h, until CHANNEL ends.  Everything that needs a right
 * must have been done before.  An exit status.
 */
int desk_run(const struct desk *desk, int channel);

/*
 * Asks; waits SECONDS at most, ten of them for a helper that is not there, as
 * its master starts it anew; one that goes away in the middle is asked once
 * more.  0 with the answer appended to TO; -1 with errno
 * when there is none: ENOENT or ECONNREFUSED without a helper, EAGAIN when it
 * is behind, ETIMEDOUT, ECONNRESET when it gave up.
 */
int desk_ask(const char *program, const char *role, const char *question,
    int message_fd, int seconds, struct buf *to);

#endif
