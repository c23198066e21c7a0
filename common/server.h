/*
 * server.h - the one skeleton of all daemons.
 *
 * server_main() opens the listeners, drops root, and becomes the master: it
 * accepts, counts clients per address, hands each connection to an idle
 * pre-forked worker (SCM_RIGHTS over that worker's own socket pair) and forks
 * more when none is idle, up to the limit; past it, it writes busy_reply and
 * closes.  It never reads from a client.  It restarts what dies (helpers with
 * backoff), reloads on SIGHUP (new workers get the new configuration and
 * certificates, old ones end after their session), and ends on SIGTERM:
 * idle workers at once, busy ones at their next command, at most 30 s later.
 *
 * A worker serves one session at a time, and at most 100 (or what the program
 * says); it exits after one that logged in, and who is about to exit is no
 * longer counted, unless as many again have stayed.  The master counts as well
 * and hears of logins from the helper that granted them, so that a worker that
 * was taken over cannot stay: one that does not leave is killed.  systemd:
 * LISTEN_FDS sockets are used where their address matches; READY=1 goes to
 * NOTIFY_SOCKET when every port listens.
 *
 * A *grant* is how a process gets rights it was not born with: a helper (the
 * auth helper) sends the master a descriptor and a text; the master forks a
 * fresh worker and calls serve_grant() in it, which confines itself to what
 * the text names.  So a worker that reads the network before login has no
 * right to any mail (docs/DESIGN.md, pop3d).  A session has one at most, so
 * they are bounded like the workers but apart from them: otherwise clients who
 * have not logged in could keep those who have from getting theirs.  After its
 * session such a process waits a moment (grant_kept) for another grant of the
 * very same text, and serves nothing else ever.
 */
#ifndef COMMON_SERVER_H
#define COMMON_SERVER_H

#include "common/config.h"
#include "common/mem.h"
#include "common/sandbox.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>

struct conn;
struct tls_context;

enum served {
	SERVED_REUSE, /* nothing of this client is left in the process */
	SERVED_EXIT,  /* it logged in: end this process */
};

/* Who connected. */
struct peer {
	char address[INET6_ADDRSTRLEN]; /* "127.0.0.1", "::1", "unix" */
	int port;                       /* 0 for unix */
	/* The user of a client on loopback; -1: not known. */
	int64_t uid;
};

/* "peer=127.0.0.1 uid=1000", the latter if known; until the next call. */
const char *peer_log(const struct peer *peer);

/* The user alone: "1000", or "" if not known; until the next call. */
const char *peer_user(const struct peer *peer);

/* A child that lives as long as the master and is restarted when it dies. */
struct helper {
	const char *role; /* "auth", "queue": in status, titles and the log */
	/*
	 * Runs in the child; returns its exit status.  CHANNEL is a SEQPACKET
	 * socket to the master, for server_grant(); it ends when the master
	 * does, and so should the helper.
	 */
	int (*run)(const struct config *config, int channel);
	/* Whether there is work for it; NULL: always.  Asked at a reload too.
	 */
	bool (*wanted)(const struct config *config);
};

struct server {
	const char *program;
	enum protocol protocols[4]; /* the listeners that are ours ... */
	size_t protocol_count;
	const struct sandbox *sandbox; /* of a worker */
	const struct helper *helpers;
	size_t helper_count;
	const char *busy_reply; /* with its CRLF; not sent on implicit TLS */
	int sessions;           /* of a worker at most; 0: 100 */
	/*
	 * A worker serves one client as a rule: a process in their sandbox
	 * forks them, which costs less (server_zygote.h).  The sandbox has
	 * SB_CALL_BEAR then.
	 */
	bool zygote;
	/*
	 * Not 0: the clients are programs of ours and can wait.  With so many
	 * workers for each CPU the next client waits for one of them, as long
	 * as they do not get stuck.
	 */
	int workers_a_cpu;

	/*
	 * Libraries that sessions do without, by the beginnings of their file
	 * names (common/libraries.h), and those that workers have none of but
	 * grants do; helpers have them all.  May be NULL.
	 */
	const char *const *unneeded;
	const char *const *unneeded_by_workers;

	/* What the configuration says; called again after a reload. */
	void (*limits)(const struct config *config, int *max_workers,
	    int *spare_workers, int *per_address);

	/*
	 * In the master before any fork, and again after a reload: what else
	 * the configuration names, as files to read.  May be NULL.
	 */
	void (*configure)(const struct config *config);

	/* In the master before any fork: libraries, certificates.  May be NULL.
	 */
	void (*prepare)(const struct config *config);

	/*
	 * In a new worker before its sandbox: databases.  May be NULL.  CONFIG
	 * lives as long as the worker.
	 */
	void (*worker_init)(const struct config *config);

	/* Serves one client until it leaves.  CONN stays the skeleton's. */
	enum served (*serve)(struct conn *conn, const struct listener *listener,
	    const struct peer *peer);

	/*
	 * Takes FD over.  In a fresh worker without sandbox, and after
	 * SERVED_REUSE perhaps again in the same one, as it has confined
	 * itself: see above.  TEXT is the same then.  May be NULL.
	 */
	enum served (*serve_grant)(const struct config *config, int fd,
	    const char *text);
	/* Milliseconds that such a process waits for more; 0: it ends. */
	int grant_kept;
};

/*
 * Runs until SIGTERM.  Returns the exit status of the program: 75 when another
 * master runs in this state folder, 78 for a configuration that cannot be
 * served, 69 when a port cannot be opened.  Takes over CONFIG.
 */
int server_main(const struct server *server, struct config *config);

/* The options every daemon has: [-d DIR].  Exits with 64 on a wrong one. */
struct config *server_options(int argc, char **argv, const char *program);

/* In a worker: what it is doing, for status and ps: "serving 127.0.0.1". */
void server_doing(const char *fmt, ...) PRINTF(1, 2);

/* In a worker: whether clients wait for one to get free (workers_a_cpu). */
bool server_is_crowded(void);

/*
 * In serve(): this process has nothing more to do with its client, whom it is
 * about to give away, and will end.  It does not count against the limits from
 * now on; who stays all the same is killed some seconds later.  Said for those
 * that have returned.
 */
void server_leaves(void);

/* In a worker: not 0 once the master asks to end. */
extern volatile sig_atomic_t server_stop;

/*
 * In a helper: asks the master for a worker with serve_grant(TEXT) on FD.
 * FD stays the caller's.  0, or -1.
 */
int server_grant(int channel, int fd, const char *text);

/*
 * In a helper: tells the master that WORKER's client has logged in, so that it
 * gets no other; after a grant, that it is the same client's.
 */
void server_spent(int channel, pid_t worker);

/*
 * In serve_grant(), before it has heard from the client on FD: this one cannot
 * be served here, because something is not mapped (unneeded) or because of what
 * an earlier one has made of the process.  The master begins it anew in a fresh
 * process that has all libraries; this one ends.  Such a process cannot ask
 * again for its first client.
 */
_Noreturn void server_begin_anew(int fd);

/* The server's own certificate, loaded by the master; NULL without one. */
struct tls_context *server_tls(void);

#endif
