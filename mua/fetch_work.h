/*
 * fetch_work.h - one fetch, from the connection to QUIT, in a task.
 */
#ifndef MUA_FETCH_WORK_H
#define MUA_FETCH_WORK_H

#include "mua/account.h"
#include "mua/password.h"

struct task;

struct fetch_order {
	const struct account *account;
	struct password password;
};

/* struct task_job's work: ARG is a struct fetch_order. */
int fetch_work(struct task *task, void *arg);

#endif
