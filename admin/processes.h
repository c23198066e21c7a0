/*
 * processes.h - the processes of a state folder, as /proc shows them.
 *
 * The masters are those that hold run/PROGRAM.pid; all else is found as their
 * children.  Role and doing come from titles (common/server_title.h).
 */
#ifndef ADMIN_PROCESSES_H
#define ADMIN_PROCESSES_H

#include <stddef.h>
#include <sys/types.h>

enum { PROCESS_TITLE_SIZE = 256 };

struct process {
	char program[PROCESS_TITLE_SIZE];
	char role[PROCESS_TITLE_SIZE]; /* "master", "worker", "auth" ... */
	char doing[PROCESS_TITLE_SIZE];
	pid_t pid;
	pid_t ppid;
};

struct process_list {
	struct process *processes; /* each master before its children */
	size_t count;
};

/* Lists them: the supervisor's, then each daemon's. */
void processes_list(struct process_list *list_out);
void processes_clear(struct process_list *list);

/* Takes a title apart; a text that is none is all program. */
void process_parse_title(const char *title, struct process *process_out);

#endif
