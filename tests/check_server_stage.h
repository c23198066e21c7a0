/*
 * check_server_stage.h - a real daemon in a state folder of its own, and what
 * a test does with it.
 *
 * The daemon is the real server_main() in a child; what it serves are orders
 * ("open secrets.sqlite") that a worker tries to carry out, so a test sees
 * from inside what a worker may do.  check_server_daemon.c has the orders.
 */
#ifndef TESTS_CHECK_SERVER_STAGE_H
#define TESTS_CHECK_SERVER_STAGE_H

#include <check.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct conn;
struct sandbox;
struct server;

/* What stands in postlab.conf, and how the daemon is started. */
struct stage_options {
	const char *smtpd;     /* lines of [smtpd] */
	const char *listen;    /* more lines, sections */
	const char *tls;       /* of the listener; NULL: off */
	bool without_landlock; /* the kernel says it has none */
	bool owned_by_root;    /* the state folder is root's */
	bool pass_socket;      /* as systemd does: LISTEN_FDS */
	bool must_not_start;   /* do not wait for it */
	int workers_a_cpu;     /* of struct server */
	int grant_kept;        /* likewise, milliseconds */
};

struct stage {
	char dir[64]; /* the test is in there, too */
	pid_t master;
	int port;
};

/* The daemon of the tests, and the sandbox where a zygote forks them. */
extern const struct server test_server;
extern const struct sandbox test_zygote_sandbox;

/*
 * Makes the folder, starts the daemon and waits until it is ready.  One stage
 * at a time.  The folder of a test that failed stays, to be looked at.
 */
void stage_open(struct stage *stage, const struct stage_options *options);

/* New certificates in FOLDER, which the daemon can read. */
void stage_certify(const char *folder);

/* Starts it again in the same folder. */
void stage_restart(struct stage *stage, const struct stage_options *options);

/* Starts one more daemon in the same folder; its exit status comes back. */
int stage_run_second(void);

/* SIGTERM; fails unless it ends well within SECONDS.  Removes the folder. */
void stage_close(struct stage *stage, int seconds);

/* Removes the folder, where the daemon is no longer. */
void stage_remove(const struct stage *stage);

/* Waits for the master's end and returns its exit status. */
int stage_wait(struct stage *stage, int seconds);

/* Writes postlab.conf anew. */
void stage_configure(const struct stage *stage,
    const struct stage_options *options);

/* Connects from address FROM (127.0.0.x). */
struct conn *stage_connect(const struct stage *stage, const char *from);

/* The same, and hears the greeting. */
struct conn *stage_greeted(const struct stage *stage, const char *from);

/* New options by SIGHUP; waits for EVENT in the log. */
void stage_reload(const struct stage *stage,
    const struct stage_options *options, const char *event);

/* Asks the helper for a grant; the connection to the process with it. */
struct conn *stage_grant(const char *text);

/* Waits until there is no such process any more. */
void stage_await_end(pid_t pid);

/* The next line that comes, in static storage; fails when none does. */
const char *stage_line(struct conn *conn);

/* Gives an order, and the answer. */
const char *stage_ask(struct conn *conn, const char *order);

/* True when the other side has closed and sent nothing more. */
bool stage_is_closed(struct conn *conn);

/* For a fixture: in this test a zygote forks the workers. */
void stage_use_zygote(void);

/*
 * Adds a case NAME with ADD's tests, and one where all of it is to be the same
 * though a zygote forks the workers.
 */
void stage_add_both(Suite *suite, const char *name, void (*add)(TCase *tc));

/* Children of the master whose title holds WHAT; the last one's pid. */
int stage_children(const struct stage *stage, const char *what, pid_t *pid_out);

/* Waits until there are COUNT of them; fails after some seconds. */
void stage_await_children(const struct stage *stage, const char *what,
    int count);

/* Lines of the log with TEXT in them. */
int stage_log_count(const char *text);

/* Waits for such a line. */
void stage_await_log(const char *text);

/* The number a text begins with. */
int stage_number(const char *text);

/* Milliseconds, for deadlines. */
long stage_now(void);
void stage_sleep(int milliseconds);

#endif
