/*
 * task_private.h - what the two halves of a task say to one another.
 *
 * task.c is the parent's half, task_work.c the child's.  Between them is a
 * SEQPACKET socket: one packet, one record.
 */
#ifndef MUA_TASK_PRIVATE_H
#define MUA_TASK_PRIVATE_H

#include "mua/password.h"
#include "mua/task.h"
#include "mua/wire_tap.h"

enum { RECORD_TEXT = 1000, RECORD_WORDS = 300, PROGRESS_TEXT = 200 };

enum record_type { RECORD_PROGRESS, RECORD_WIRE, RECORD_RESULT };

/* Both sides are one program, so it travels as it is. */
struct record {
	enum record_type type;
	enum wire_direction direction; /* RECORD_WIRE */
	int64_t at;                    /* milliseconds */
	size_t done;                   /* RECORD_PROGRESS */
	size_t total;
	char words[RECORD_WORDS + 1];
	char text[RECORD_TEXT + 1]; /* cut behind its NUL on the way */
};

/* The working half. */
struct task {
	const char *title;
	int fd;           /* to the parent; -1: there is none */
	bool prints_wire; /* without a parent */
	bool shows_progress;
	bool is_shown; /* a progress line stands on the terminal */
	int64_t began; /* milliseconds of CLOCK_MONOTONIC */
	struct wire_tap tap;
	struct password secret; /* size 0: none */
	char login[PASSWORD_MAX];
	char result[RECORD_TEXT + 1];
};

/*
 * Blocks SIGTERM but where a conn waits, and notes it for task_stop(); with
 * INTERRUPT also Ctrl-C, which kills the second time.
 */
void task_take_signals(bool interrupt);

/* Runs JOB in the child that was just forked; FD leads to the parent. */
_Noreturn void task_become(const struct task_job *job, int fd);

#endif
