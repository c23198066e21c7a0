/*
 * server_master.h - what the parts of the master share; for server*.c alone.
 *
 * server.c starts it, server_loop.c is its loop, server_settings.c its
 * configuration; server_accept.c takes clients in, server_pool.c has the
 * workers, server_helper.c the helpers.  The loop waits in epoll and nowhere
 * else.
 */
#ifndef COMMON_SERVER_MASTER_H
#define COMMON_SERVER_MASTER_H

#include "common/server.h"
#include "common/server_listen.h"
#include "common/server_worker.h"
#include "common/server_zygote.h"

#include <stdint.h>

enum worker_state {
	WORKER_FREE, /* no process */
	WORKER_WAITS,
	WORKER_SERVES,
	WORKER_GRANTED, /* runs serve_grant() */
	WORKER_KEPT,    /* has run it, and waits for the same grant */
	WORKER_ENDS,    /* was told so */
};

struct worker {
	enum worker_state state;
	pid_t pid;
	pid_t zygote;    /* its parent; 0: the master */
	int process;     /* of a zygote's child: a pidfd; -1: none */
	int channel;     /* -1 when it was closed */
	bool started;    /* it has said WORKER_READY */
	bool retired;    /* of an old configuration: ends after its session */
	bool spent;      /* its client logged in: likewise */
	int sessions;    /* that it was given */
	int64_t since;   /* milliseconds: when it was forked or began to wait */
	struct job job;  /* whom it serves */
	uint64_t client; /* peer_client() of it */
	char *grant;     /* of a grant's process: its text */
	bool whole;      /* likewise: it has all libraries */
	bool replaced;   /* likewise: it is another one than it was */
};

struct pool {
	struct worker *workers;
	size_t room;
	int live;           /* workers */
	int waiting;        /* of them in WORKER_WAITS */
	int leaving;        /* of them in WORKER_ENDS */
	int ending;         /* the same, grants included */
	int granted;        /* processes of grants, which are not in live */
	int kept;           /* of them in WORKER_KEPT */
	int failures;       /* starts that failed, one after another */
	int64_t not_before; /* milliseconds: no fork until then */
	int64_t moved; /* milliseconds: the last fork, or end of a session */
};

struct helper_process {
	pid_t pid; /* 0: waits for its restart */
	int channel;
	pid_t granted; /* the process of its last grant */
	bool expected; /* to end: a reload */
	int64_t started;
	int64_t not_before;
	int failures;
};

/* Clients turned away, so that the log has a line a second and not each. */
struct refusals {
	int64_t logged;
	unsigned count;
};

struct master {
	const struct server *server;
	struct config *config;
	pid_t pid;
	int events;  /* epoll */
	int signals; /* signalfd */
	int kernel;  /* owner_find(), -1 without */
	int pidfile;
	int max_workers;
	int spare;
	int few; /* server_crowd.c; 0: does not apply */
	int per_address;
	struct listen_set sockets;
	bool watched;     /* the sockets: in the loop */
	bool crowded;     /* ... and not: clients wait */
	bool child_ended; /* and was not waited for */
	struct pool pool;
	struct zygote *zygotes;
	size_t zygote_room;
	struct helper_process *helpers;
	struct refusals refusals;
	int64_t stop_at; /* milliseconds: who still lives is killed; 0 before */
};

/* What an event of the epoll loop is about. */
enum event_source {
	EVENT_SIGNAL,
	EVENT_CLIENT,
	EVENT_WORKER,
	EVENT_HELPER,
	EVENT_ZYGOTE,
};

/* Adds FD to the loop, or takes it out before it is closed. */
void master_watch(struct master *m, int fd, enum event_source source,
    size_t index);
void master_unwatch(struct master *m, int fd);

/* The listening sockets, likewise. */
void master_watch_sockets(struct master *m);
void master_unwatch_sockets(struct master *m);

/* The loop: returns when SIGTERM has come and every child is gone. */
void master_serve(struct master *m);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t master_now(void);

/* "signal 11 (Segmentation fault)" or "status 1", in static storage. */
const char *master_describe_exit(int status);

/* server_settings.c: limits and log level as the configuration says. */
void settings_apply(struct master *m);

/* Loads the certificates.  0, or -1 (logged). */
int settings_load_tls(struct master *m);

/* SIGHUP. */
void settings_reload(struct master *m);

/* At the end: frees configuration and certificates. */
void settings_clear(struct master *m);

/* server_accept.c: takes in the clients that wait at socket INDEX. */
void accept_clients(struct master *m, size_t index);

/* server_crowd.c: before the first fork. */
void crowd_init(struct master *m);

/* Whether there are as many workers as it takes. */
bool crowd_is_enough(const struct master *m);

/* Whether the next client must wait; then the sockets are not watched. */
bool crowd_holds_back(struct master *m);

/* Takes in those who wait, as soon as they need not. */
void crowd_go_on(struct master *m);

/* How long the loop may sleep at most, which is otherwise TICK. */
int crowd_tick(const struct master *m, int tick);

/* server_pool.c: a worker that waits, a new one if need be; NULL at the limit.
 */
struct worker *pool_take(struct master *m);

/* Gives it a client.  0, or -1 when it is gone: take another. */
int pool_assign(struct master *m, struct worker *worker, const struct job *job,
    uint64_t client, int fd);

/* Parts of server_pool.c for server_grant.c: a process that was just forked. */
struct worker *pool_enter(struct master *m, pid_t pid, int channel,
    enum worker_state state);
void pool_set_state(struct master *m, struct worker *worker,
    enum worker_state state);
void pool_close_channel(struct master *m, struct worker *worker);

/* WORKER's client has logged in, and has GRANTED as well (0: nothing). */
void pool_spend(struct master *m, pid_t worker, pid_t granted);

/*
 * server_grant.c: has serve_grant(TEXT) run on FD, in a process kept for that
 * or a new one.  FD stays the caller's.  The process's id, or -1.
 */
pid_t grant_give(struct master *m, int fd, const char *text);

/* The process of a grant said something or left. */
void grant_message(struct master *m, struct worker *worker);

/* Ends processes kept too long. */
void grants_tidy(struct master *m);

/* How many workers are there for clients, and not about to end. */
int pool_staying(const struct master *m);

/* How many sessions this client has, before its login and after. */
int pool_count_client(const struct master *m, uint64_t client);

/* Worker INDEX said something or left. */
void pool_message(struct master *m, size_t index);

/* Hears all that serve: who is free by now may not have had its turn. */
void pool_hear(struct master *m);

/* Child PID of ZYGOTE (0: of the master) ended: true when it was a worker. */
bool pool_reap(struct master *m, pid_t zygote, pid_t pid, int status);

/* Keeps as many waiting as the configuration says; some at a time. */
void pool_refill(struct master *m);

/* Whether time will bring work: surplus workers, or forks put off. */
bool pool_is_restless(const struct master *m);

/* Tells a worker that waits to leave. */
void pool_dismiss(struct master *m, struct worker *worker);

/* server_leave.c: those who were told so some time ago get a signal. */
void pool_press(struct master *m);

/* Idle ones end now, others after their session (a reload). */
void pool_retire(struct master *m);

/* The same, and sessions at their next command; SIGTERM or SIGKILL. */
void pool_stop(struct master *m, int signal_number);

/* A zygote has died: its workers are killed, if it is not done yet. */
void pool_orphan(struct master *m, pid_t zygote);

/* server_helper.c */
void helpers_start(struct master *m);
void helper_message(struct master *m, size_t index);
bool helper_reap(struct master *m, pid_t pid, int status);

/* Starts those whose time has come.  Returns whether others wait. */
bool helpers_restart_due(struct master *m);

/* For a reload: they end and come back at once with the new configuration. */
void helpers_replace(struct master *m);

/* Ends them.  Returns how many still live. */
int helpers_stop(struct master *m, int signal_number);

#endif
