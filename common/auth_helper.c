/*
 * auth_helper.c - the process: its socket, its sandbox, its loop.
 *
 * Start reading at auth_helper_run().  Attempts are in auth_attempt.c, SASL in
 * auth_sasl.c, the accounts in auth_account.c.
 */
#include "common/auth_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/auth_attempt.h"
#include "common/helper_socket.h"
#include "common/log.h"
#include "common/sandbox.h"

enum {
	ATTEMPTS_MAX = 500,
	MEMORY = 512 * 1024 * 1024,
};

/* Its place in the array of poll(2): the attempts come behind. */
enum { POLL_CHANNEL, POLL_LISTEN, POLL_ATTEMPTS };

struct helper_state {
	struct auth_desk desk;
	int listener;
	size_t count;
	struct attempt attempts[ATTEMPTS_MAX];
	struct pollfd polls[POLL_ATTEMPTS + ATTEMPTS_MAX];
};

static const struct sandbox_path helper_paths[] = {
	{ "directory.sqlite", SB_READ, "who has an account" },
	{ "secrets.sqlite", SB_READ, "what proves it" },
	{ "/dev/urandom", SB_READ, "SASL takes its challenges from it" },
	{ NULL, 0, NULL },
};

static const struct sandbox helper_sandbox = {
	.role = "auth",
	.paths = helper_paths,
	.calls = SB_CALL_READ | SB_CALL_ACCEPT,
	.memory = MEMORY,
	.files = ATTEMPTS_MAX + SANDBOX_FILES_TO_PASS, /* grants */
};

static int64_t
now_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * SASL falls back to the clock when it cannot read /dev/urandom; challenges
 * that can be guessed are worse than none.
 */
static int
check_random(void)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return log_errno("open /dev/urandom");
	close(fd);
	return 0;
}

static void
accept_attempt(struct helper_state *h, int64_t now)
{
	int fd = accept4(h->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd == -1) {
		if (errno != EAGAIN && errno != ECONNABORTED)
			log_errno("accept");
		return;
	}
	if (h->count == ATTEMPTS_MAX) {
		attempt_refuse(fd);
		return;
	}
	attempt_open(&h->attempts[h->count++], fd, now);
}

/* The last one takes the place of one that is over. */
static void
remove_attempt(struct helper_state *h, size_t i)
{
	attempt_close(&h->attempts[i]);
	h->count--;
	h->attempts[i] = h->attempts[h->count];
	h->polls[POLL_ATTEMPTS + i] = h->polls[POLL_ATTEMPTS + h->count];
}

/* Fills the array of poll(2).  Returns the milliseconds to wait, -1: ever. */
static int
prepare_poll(struct helper_state *h, int64_t now)
{
	int64_t next = INT64_MAX;

	h->polls[POLL_CHANNEL].fd = h->desk.channel;
	h->polls[POLL_CHANNEL].events = POLLIN;
	h->polls[POLL_LISTEN].fd = h->listener;
	h->polls[POLL_LISTEN].events = POLLIN;
	for (size_t i = 0; i < h->count; i++) {
		h->polls[POLL_ATTEMPTS + i].fd = h->attempts[i].fd;
		h->polls[POLL_ATTEMPTS + i].events = POLLIN;
		if (h->attempts[i].deadline < next)
			next = h->attempts[i].deadline;
	}
	if (next == INT64_MAX)
		return -1;
	return next <= now ? 0 : (int)(next - now);
}

/* From the last to the first, so that a removal moves only one done. */
static void
serve_attempts(struct helper_state *h)
{
	for (size_t i = h->count; i-- > 0;) {
		struct attempt *attempt = &h->attempts[i];
		int64_t now = now_milliseconds();

		if (h->polls[POLL_ATTEMPTS + i].revents != 0) {
			if (!attempt_serve(&h->desk, attempt, now))
				remove_attempt(h, i);
		} else if (attempt->deadline <= now) {
			attempt_expire(attempt);
			remove_attempt(h, i);
		}
	}
}

/* Until the master ends. */
static int
serve(struct helper_state *h)
{
	for (;;) {
		int wait = prepare_poll(h, now_milliseconds());
		int n = poll(h->polls, POLL_ATTEMPTS + h->count, wait);

		if (n == -1 && errno != EINTR)
			return log_errno("poll");
		if (n == -1)
			continue;
		if (h->polls[POLL_CHANNEL].revents != 0)
			return 0;
		serve_attempts(h);
		if (h->polls[POLL_LISTEN].revents != 0)
			accept_attempt(h, now_milliseconds());
	}
}

int
auth_helper_run(const struct config *config, int channel, const char *program,
    bool grants)
{
	struct helper_state *h = xcalloc(1, sizeof(*h));

	h->desk.config = config;
	h->desk.channel = channel;
	h->desk.grants = grants;
	h->desk.limit =
	    auth_limit_open("run/auth.failures", config->failures_per_minute);
	/* What needs rights comes before the sandbox takes them. */
	if (auth_sasl_init(config) == -1)
		return EXIT_FAILURE;
	h->listener = helper_listen(program, "auth");
	h->desk.store = account_store_open(config->domain);
	if (h->listener == -1 || h->desk.store == NULL ||
	    sandbox_enter(&helper_sandbox) == -1 || check_random() == -1)
		return EXIT_FAILURE;
	log_event(LOG_DEBUG, "ready", "socket=run/%s-auth", program);
	return serve(h) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
