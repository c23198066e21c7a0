/*
 * task.h - work that takes time, beside the screen: fetching and sending.
 *
 * The work runs in a child process.  The main loop goes on; the last row tells
 * how far the work is, Ctrl-C breaks it off, and what is said on the wire
 * arrives in ui->wires as it is said.  The child has a copy of everything as it
 * was, and nothing of what it changes in memory comes back: only its progress,
 * its lines, one sentence at the end and an exit status.  It must not use a
 * database that its parent has open.
 *
 * It may end at any moment: by Ctrl-C twice, with the mua, or by kill -9.  What
 * it does on disk must be whole at each step.
 *
 *	struct task_job job = {
 *		.title = "Fetching mail of campus",
 *		.work = fetch_work, .done = fetch_done, .arg = order,
 *		.free = free_order,
 *	};
 *	task_start(ui, &job);
 */
#ifndef MUA_TASK_H
#define MUA_TASK_H

#include "mua/wire.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

struct conn;
struct password;
struct task;
struct tasks;
struct ui;

enum { TASK_CANCELLED = 130, TASK_DIED = 70 }; /* statuses */

struct task_job {
	const char *title;
	/* In the child.  Returns an exit status, 0 for success (sysexits.h). */
	int (*work)(struct task *task, void *arg);
	/*
	 * In the parent when it is over; NULL: TEXT is said in the last row.
	 * TEXT is what task_result() said, or a sentence of ours.
	 */
	void (*done)(struct ui *ui, void *arg, int status, const char *text);
	void *arg;
	void (*free)(void *arg); /* in the parent, at the very end; or NULL */
	bool must_finish;        /* who leaves the mua waits for it: sending */
};

/* --- for the parent ---------------------------------------------------- */

/*
 * Starts the work and returns at once.  False when it cannot (said on the
 * screen): then done and free have been called.
 */
bool task_start(struct ui *ui, const struct task_job *job);

/*
 * Starts it and shows nothing but its progress until it is over; Ctrl-C breaks
 * it off.  Returns the status, after done() and free().
 */
int task_wait(struct ui *ui, const struct task_job *job);

/*
 * Does the work in this process, without a screen: progress on standard error
 * where that is a terminal, with WIRE the dialogue on standard output, and the
 * result on standard error or, when all is well, output.  Returns the status,
 * after free().
 */
int task_foreground(const struct task_job *job, bool wire);

/* Whether a task with that WORK (NULL: any) is under way. */
bool task_is_running(const struct ui *ui,
    int (*work)(struct task *task, void *arg));

/* Asks the newest one to stop; the second time it is killed.  False: none. */
bool task_cancel(struct ui *ui);

/* --- for ui.c ----------------------------------------------------------- */

/*
 * Takes what has come, and calls done() for those that are over.  Whether
 * there was anything.
 */
bool tasks_poll(struct ui *ui);

/* The same without done(), which may change the views: for questions. */
void tasks_listen(struct ui *ui);

/* "Fetching mail of campus: 3 of 17 (^C breaks off)", appended to TO. */
void tasks_describe(const struct ui *ui, struct buf *to);

/* Waits for those that must finish, breaks off the others, frees all. */
void tasks_end(struct ui *ui);

/* --- for the work ------------------------------------------------------- */

/* "TITLE: DONE of TOTAL, text"; TOTAL 0: just the text. */
void task_progress(struct task *task, size_t done, size_t total,
    const char *fmt, ...) PRINTF(4, 5);

/* The sentence with which it ends.  Arguments may be foreign bytes. */
void task_result(struct task *task, const char *fmt, ...) PRINTF(2, 3);

/*
 * From now on the wire view does not repeat this PASSWORD of LOGIN, whoever
 * says it; and puts stars over it in TEXT.
 */
void task_keep_secret(struct task *task, const struct password *password,
    const char *login);
void task_hide_secret(const struct task *task, char *text);

/* A remark in the wire view. */
void task_note(struct task *task, const char *fmt, ...) PRINTF(2, 3);

/* All that passes on CONN from now on is in the wire view. */
void task_tap(struct task *task, struct conn *conn,
    enum wire_protocol protocol);

/* Not 0 once somebody wants it to stop; for conn_set_stop(). */
const volatile sig_atomic_t *task_stop(const struct task *task);

#endif
