/*
 * transcript_helper.c - the process: its socket, its sandbox, its loop.
 *
 * What many sessions say is stored in one transaction: it begins a moment after
 * the first word and lasts until nobody has anything more to say, BATCH_ROWS or
 * BATCH_TIME.  So a single session is in the file at once, and three hundred
 * cost no more than a commit each BATCH_DELAY.  What
 * cannot be taken now (somebody else writes, the disk is full) waits in the
 * sockets and then with the sessions, which do not wait for it.
 *
 * SIGTERM is blocked: the end of the channel is the order to leave, and first
 * what has been sent is read.
 */
#include "common/transcript_helper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/helper_socket.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "common/transcript_source.h"
#include "common/transcript_store.h"

enum {
	EVENTS_A_ROUND = 64,
	RECORDS_A_TURN = 16, /* of one session, before others are heard */
	BATCH_ROWS = 2000,
	BATCH_TIME = 200, /* milliseconds */
	/* Before the first record is read: the second is on its way. */
	BATCH_DELAY = 10,
	TROUBLE_PAUSE = 500,
	EXPIRE_BATCH = 50, /* sessions a transaction */
	EXPIRE_PAUSE = 50, /* milliseconds, between two of them */
	DAY = 24 * 3600 * 1000,
	OTHER_FILES = 64,
	MEBIBYTE = 1 << 20,
	MEMORY = 512 * MEBIBYTE,
	WAL_ALLOWANCE = 256 * MEBIBYTE,
};

enum turn {
	GO_ON,
	STOP,
	/* Somebody has removed the file: the helper after us makes it anew. */
	REPLACED,
};

struct desk {
	const struct config *config;
	struct store *store;
	int channel;
	int listener;
	int events; /* epoll */
	struct source **sources;
	size_t count;
	size_t room;
	bool busy; /* a transaction is open */
	int rows;  /* in it */
	int64_t since;
	int64_t expire_at;
};

/* All three are open before: the log of SQLite is made anew by nobody. */
static const struct sandbox_path helper_paths[] = {
	{ "evidence.sqlite", SB_READ | SB_WRITE, "what is recorded" },
	{ "evidence.sqlite-wal", SB_READ | SB_WRITE, "SQLite's log" },
	{ "evidence.sqlite-shm", SB_READ | SB_WRITE, "SQLite's index of it" },
	{ NULL, 0, NULL },
};

static int64_t
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int
enter_sandbox(const struct desk *desk)
{
	const struct sandbox sandbox = {
		.role = "evidence",
		.paths = helper_paths,
		.calls = SB_CALL_SQLITE | SB_CALL_ACCEPT,
		.memory = MEMORY,
		.files = (unsigned)desk->room + OTHER_FILES,
		.file_size = (size_t)desk->config->evidence_size * MEBIBYTE +
		    WAL_ALLOWANCE,
	};

	return sandbox_enter(&sandbox);
}

static int
watch(const struct desk *desk, int fd, void *what)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = what };

	if (epoll_ctl(desk->events, EPOLL_CTL_ADD, fd, &event) == -1)
		return log_errno("watch a descriptor");
	return 0;
}

static void
roll_back(struct desk *desk)
{
	store_rollback(desk->store);
	desk->busy = false;
	for (size_t i = 0; i < desk->count; i++)
		source_rolled_back(desk->sources[i]);
}

/* True when a transaction is open. */
static bool
begin(struct desk *desk)
{
	if (desk->busy)
		return true;
	if (store_begin(desk->store) == -1)
		return false;
	desk->busy = true;
	desk->rows = 0;
	desk->since = now();
	return true;
}

static void
commit(struct desk *desk)
{
	if (!desk->busy)
		return;
	if (store_commit(desk->store) == -1) {
		roll_back(desk);
		return;
	}
	desk->busy = false;
	for (size_t i = 0; i < desk->count; i++)
		source_committed(desk->sources[i]);
}

/* The last one takes its place. */
static void
remove_source(struct desk *desk, struct source *source)
{
	for (size_t i = 0; i < desk->count; i++) {
		if (desk->sources[i] == source) {
			desk->sources[i] = desk->sources[--desk->count];
			break;
		}
	}
	source_close(source);
}

/* A few records of SOURCE.  False when the store failed. */
static bool
hear(struct desk *desk, struct source *source)
{
	enum source_read read = SOURCE_STORED;

	for (int i = 0; i < RECORDS_A_TURN && read == SOURCE_STORED; i++) {
		read = source_read(source, desk->store);
		desk->rows++;
	}
	if (read == SOURCE_OVER && source_finish(source, desk->store) == -1)
		read = SOURCE_FAILED;
	if (read == SOURCE_FAILED) {
		roll_back(desk);
		return false;
	}
	if (read == SOURCE_OVER)
		remove_source(desk, source);
	return true;
}

/* False when nobody waits. */
static bool
accept_source(struct desk *desk)
{
	int fd =
	    accept4(desk->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct source *source;

	if (fd == -1) {
		if (errno != EAGAIN && errno != ECONNABORTED)
			log_errno("accept");
		return false;
	}
	if (desk->count == desk->room) {
		close(fd);
		return true;
	}
	source = source_open(fd);
	if (watch(desk, fd, source) == -1)
		source_close(source);
	else
		desk->sources[desk->count++] = source;
	return true;
}

/* Removes some of what is too old; the next ones soon, or in a day. */
static void
expire(struct desk *desk)
{
	struct timespec wall;
	int64_t before;
	int n;

	if (now() < desk->expire_at)
		return;
	desk->expire_at = now() + TROUBLE_PAUSE;
	if (!begin(desk))
		return;
	clock_gettime(CLOCK_REALTIME, &wall);
	before = (int64_t)wall.tv_sec * 1000 -
	    (int64_t)desk->config->evidence_days * DAY;
	n = store_expire(desk->store, before, EXPIRE_BATCH);
	if (n == -1)
		roll_back(desk);
	else if (n > 0)
		log_event(LOG_INFO, "evidence-expired", "sessions=%d", n);
	desk->expire_at = now() + (n == EXPIRE_BATCH ? EXPIRE_PAUSE : DAY);
}

/* Lets what the sessions say stand in their sockets, but not the master. */
static void
linger(const struct desk *desk, int milliseconds)
{
	struct pollfd channel = { .fd = desk->channel, .events = POLLIN };

	(void)poll(&channel, 1, milliseconds);
}

/* One round. */
static enum turn
turn(struct desk *desk)
{
	struct epoll_event events[EVENTS_A_ROUND];
	int64_t left = desk->expire_at - now();
	int wait = desk->busy || left <= 0 ? 0 : (int)left;
	int n = epoll_wait(desk->events, events, EVENTS_A_ROUND, wait);

	if (n > 0 && !desk->busy)
		linger(desk, BATCH_DELAY);
	if (n <= 0 ||
	    (desk->busy &&
		(desk->rows >= BATCH_ROWS ||
		    now() - desk->since >= BATCH_TIME)))
		commit(desk);
	for (int i = 0; i < n; i++) {
		void *what = events[i].data.ptr;

		if (what == &desk->channel)
			return STOP;
		if (what == &desk->listener) {
			(void)accept_source(desk);
			continue;
		}
		if (!desk->busy && !store_is_current(desk->store)) {
			log_failure("%s was replaced", store_file);
			return REPLACED;
		}
		if (!begin(desk) || !hear(desk, what)) {
			linger(desk, TROUBLE_PAUSE);
			break;
		}
	}
	expire(desk);
	return GO_ON;
}

/*
 * The last words: nothing more can be sent once a connection is shut down for
 * reading, and what was sent before can still be read.  Sessions that go on
 * connect to the next helper.
 */
static void
drain(struct desk *desk)
{
	while (accept_source(desk))
		continue;
	for (size_t i = 0; i < desk->count; i++)
		(void)shutdown(source_fd(desk->sources[i]), SHUT_RD);
	if (!begin(desk))
		return;
	for (size_t i = 0; i < desk->count; i++) {
		struct source *source = desk->sources[i];
		enum source_read read;

		do {
			read = source_read(source, desk->store);
		} while (read == SOURCE_STORED);
		if (read == SOURCE_FAILED ||
		    source_set_aside(source, desk->store) == -1) {
			roll_back(desk);
			return;
		}
	}
	commit(desk);
}

/* More sessions than the largest program may have cannot be. */
static void
make_room(struct desk *desk)
{
	int workers = desk->config->smtpd_workers;

	if (workers < desk->config->pop3d_workers)
		workers = desk->config->pop3d_workers;
	/* Those that have ended may still be unread. */
	desk->room = 2 * (size_t)workers + OTHER_FILES;
	desk->sources = xcalloc(desk->room, sizeof(struct source *));
}

int
transcript_helper_run(const struct config *config, int channel,
    const char *program)
{
	struct desk *desk = xcalloc(1, sizeof(*desk));
	enum turn next = GO_ON;
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	desk->config = config;
	desk->channel = channel;
	make_room(desk);
	/* What needs rights comes before the sandbox takes them. */
	desk->store = store_open(program, config->evidence_size);
	if (desk->store == NULL)
		return EXIT_FAILURE;
	desk->listener = helper_listen(program, "evidence");
	desk->events = epoll_create1(EPOLL_CLOEXEC);
	if (desk->listener == -1 || desk->events == -1 ||
	    enter_sandbox(desk) == -1 ||
	    watch(desk, channel, &desk->channel) == -1 ||
	    watch(desk, desk->listener, &desk->listener) == -1)
		return EXIT_FAILURE;
	log_event(LOG_DEBUG, "ready", "socket=run/%s-evidence", program);
	while (next == GO_ON)
		next = turn(desk);
	if (next == REPLACED)
		return EXIT_FAILURE;
	drain(desk);
	return EXIT_SUCCESS;
}
