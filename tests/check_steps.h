/*
 * check_steps.h - work in a child that goes from one system call to the next,
 * and is killed at one of them.
 */
#ifndef TESTS_CHECK_STEPS_H
#define TESTS_CHECK_STEPS_H

#include <sys/types.h>

struct buf;

/*
 * What the child does; it stops for the first time where it says
 * raise(SIGSTOP).  Its exit status is what this returns, other than 0.
 */
typedef int steps_work(void *arg);

/* Begins WORK, up to its first stop.  STATUS is that of waitpid(). */
pid_t steps_begin(steps_work *work, void *arg, int *status_out);

/* Goes on to the next stop, or to its end. */
void steps_go_on(pid_t child, int *status_out);

/*
 * Runs WORK up to its STOPth stop behind the first (a system call begins or
 * ends) and kills it there: 0; or its exit status when it ends before.
 */
int steps_run_until(int stop, steps_work *work, void *arg);

/*
 * Runs WORK to its end and notes in CALLS which flushes and names succeed: f
 * for fsync, d fdatasync, l linkat, r a rename.  Its exit status.
 */
int steps_calls(steps_work *work, void *arg, struct buf *calls);

#endif
