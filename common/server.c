/*
 * server.c - the master's start: from the command line to the loop.
 *
 * The order at the start matters: the lock of the pid file comes before the
 * sockets (a second master must not remove the first one's), the sockets come
 * before root is dropped, libraries and certificates before the first fork.
 */
#include "common/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/libraries.h"
#include "common/log.h"
#include "common/server_heap.h"
#include "common/server_master.h"
#include "common/server_notify.h"
#include "common/server_owner.h"
#include "common/server_pidfile.h"
#include "common/server_title.h"

/*
 * 0, 1 and 2 must be open, or a socket becomes standard error; and a worker
 * has no business with the terminal of whoever started the daemon.
 */
static void
set_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (fd != -1 && fd < STDERR_FILENO);
	if (fd == -1)
		return;
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
	log_unblock();
}

/* The pid file, the sockets, no root any more.  0, or an exit status. */
static int
take_place(struct master *m)
{
	struct listen_set inherited;
	uid_t uid;
	gid_t gid;

	if (sandbox_find_user(m->config->user, &uid, &gid) == -1)
		return EX_CONFIG;
	if (mkdir("run", 0700) == 0 && geteuid() == 0 &&
	    lchown("run", uid, gid) == -1)
		log_errno("lchown run/");
	m->pidfile = pidfile_lock(m->server->program, uid, gid);
	if (m->pidfile == -1)
		return errno == EWOULDBLOCK ? EX_TEMPFAIL : EX_CANTCREAT;
	listen_inherit(&inherited);
	if (listen_open(m->server, m->config, &inherited, &m->sockets) == -1) {
		listen_close(&inherited);
		return EX_UNAVAILABLE;
	}
	if (listen_give(&m->sockets, uid, gid) == -1 ||
	    sandbox_drop_root(m->config->user) == -1 || sandbox_master() == -1)
		return EX_OSERR;
	return 0;
}

static void
take_signals(struct master *m)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTTOU,
	    SIG_IGN); /* the log goes to a terminal, tostop or not */
	m->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	m->events = epoll_create1(EPOLL_CLOEXEC);
	if (m->signals == -1 || m->events == -1)
		panic("signalfd or epoll: %s", strerror(errno));
	master_watch(m, m->signals, EVENT_SIGNAL, 0);
}

static void
log_start(const struct master *m)
{
	int abi = sandbox_landlock_abi();

	if (abi < 2)
		log_event(LOG_WARN, "no-landlock", "abi=%d what=%s", abi,
		    log_safe("this kernel cannot confine files; seccomp and "
			     "the rest hold"));
	log_event(LOG_INFO, "ready", "sockets=%zu workers=%d landlock=%d",
	    m->sockets.count, m->max_workers, abi);
}

/* From the configuration to SIGTERM.  The program's exit status. */
static int
run(struct master *m)
{
	int status = take_place(m);

	if (status != 0)
		return status;
	take_signals(m);
	settings_apply(m);
	m->kernel = owner_open();
	if (settings_load_tls(m) == -1)
		return EX_CONFIG;
	if (m->server->prepare != NULL)
		m->server->prepare(m->config);
	if (sandbox_prepare(m->server->sandbox) == -1)
		return EX_OSERR;
	crowd_init(m);
	heap_settle();
	/* A zygote is the one child of its kind. */
	libraries_leave(m->server->unneeded, m->server->unneeded_by_workers,
	    m->server->zygote ? LIBRARIES_SOME : LIBRARIES_FEW);
	helpers_start(m);
	pool_refill(m);
	master_watch_sockets(m);
	log_start(m);
	notify_send("READY=1");
	master_serve(m);
	log_event(LOG_INFO, "stopped", "");
	return EX_OK;
}

/* The process ends soon; LeakSanitizer wants it said of each thing. */
static void
release(struct master *m)
{
	listen_close(&m->sockets);
	settings_clear(m);
	free(m->pool.workers);
	free(m->helpers);
	free(m->zygotes);
	if (m->pidfile != -1)
		pidfile_release(m->pidfile);
}

int
server_main(const struct server *server, struct config *config)
{
	struct master m = {
		.server = server,
		.config = config,
		.pid = getpid(),
		.pidfile = -1,
		.kernel = -1,
	};
	int status;

	log_init(server->program, "");
	set_standard_descriptors();
	title_init(server->program);
	title_set_role("master");
	server_doing("%s", "");
	umask(077);
	status = run(&m);
	release(&m);
	return status;
}

struct config *
server_options(int argc, char **argv, const char *program)
{
	const char *dir = NULL;
	int option;

	libraries_bind(argv);
	log_init(program, "");
	while ((option = getopt(argc, argv, "d:")) != -1) {
		if (option != 'd')
			goto usage;
		dir = optarg;
	}
	if (optind == argc)
		return config_enter(dir);
usage:
	fprintf(stderr, "usage: %s [-d DIR]\n", program);
	exit(EX_USAGE);
}
