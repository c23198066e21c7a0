/*
 * trace_hosts.h - one message over all the hosts whose logs there are.
 *
 * The first host is this one, with its mailboxes and its queue; of the others
 * there is nothing but the log.  A message has a queue id on each, and a host
 * says the next one's in its line about handing the message on, which has the
 * 250 of that host.  So the ways back and forth are found by ids alone; a host
 * that is not reached so (a foreign one lies between) is asked for the
 * Message-Id.
 */
#ifndef ADMIN_TRACE_HOSTS_H
#define ADMIN_TRACE_HOSTS_H

#include "admin/trace_message.h"

struct trace_host {
	const char *name;     /* the path it was given by; not owned */
	struct log_files log; /* until it is the trace's */
	struct trace trace;
	bool found; /* a line of it is about the message */
};

struct trace_hosts {
	struct trace_host *hosts;
	size_t count;
};

/*
 * Opens the logs of the other hosts, COUNT PATHS of log_files_open_other().
 * 0; -1 when one is no log (logged).
 */
int trace_hosts_open(char *const *paths, size_t count,
    struct trace_hosts *hosts_out);

/*
 * Finds what QUERY means on all hosts (trace_find.h), this one called NAME, and
 * follows it from host to host; of an address nothing is followed.  False when
 * QUERY means nothing.
 */
bool trace_hosts_find(struct trace_hosts *hosts, const char *name,
    const char *query, size_t limit);

/* Asks all witnesses about what was found. */
void trace_hosts_collect(struct trace_hosts *hosts);

/*
 * Prints what all of them know, in order of time, and who knows nothing.  For
 * more than one host.
 */
void trace_hosts_print(const struct trace_hosts *hosts);

void trace_hosts_clear(struct trace_hosts *hosts);

#endif
