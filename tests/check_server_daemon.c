/*
 * check_server_daemon.c - the daemon of the tests: workers that obey
 * (check_server_orders.c).
 */
#include <gnutls/crypto.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/log.h"
#include "common/server.h"
#include "common/tls.h"
#include "tests/check_server_orders.h"
#include "tests/check_server_stage.h"

enum { MEMORY = 256 << 20, FILES = 32 };

static char hostname[256];

static const char *
obey(int fd, char *line)
{
	return strcmp(line, "hostname") == 0 ? hostname : order_obey(fd, line);
}

static enum served
serve(struct conn *conn, const struct listener *listener,
    const struct peer *peer)
{
	char line[512];

	conn_set_timeout(conn, 60);
	conn_putline(conn, "220 %s %s", peer->address, listener->name);
	while (conn_getline(conn, line, sizeof(line)) == CONN_LINE) {
		if (strcmp(line, "quit") == 0 || strcmp(line, "login") == 0) {
			conn_putline(conn, "221 bye");
			return *line == 'q' ? SERVED_REUSE : SERVED_EXIT;
		}
		conn_putline(conn, "%s", obey(conn_fd(conn), line));
		if (strcmp(line, "starttls") == 0 &&
		    tls_accept(conn, server_tls(), NULL) == -1)
			break;
	}
	if (conn_error(conn) != NULL)
		conn_putline(conn, "421 %s", conn_error(conn));
	return SERVED_REUSE;
}

/*
 * "quit" leaves a process that may be kept, as does who is told to stop; the
 * end of the line does not.
 */
static enum served
serve_grant(const struct config *config, int fd, const char *text)
{
	enum served served = SERVED_EXIT;
	struct conn *conn = conn_open(fd, 60);
	char line[512];

	(void)config;
	conn_set_stop(conn, &server_stop);
	server_doing("serving %s", text);
	conn_putline(conn, "%d %s", (int)getpid(), text);
	while (served == SERVED_EXIT &&
	    conn_getline(conn, line, sizeof(line)) == CONN_LINE) {
		if (strcmp(line, "anew") == 0)
			server_begin_anew(conn_fd(conn));
		if (strcmp(line, "quit") == 0)
			served = SERVED_REUSE;
		conn_putline(conn, "%s", obey(conn_fd(conn), line));
	}
	conn_close(conn);
	return server_stop != 0 ? SERVED_REUSE : served;
}

/*
 * Who connects to run/desk gets a grant for the line that comes; "spent PID"
 * is told the master.
 */
static int
run_helper(const struct config *config, int channel)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX,
		.sun_path = "run/desk" };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[64];
	ssize_t n;
	int fd;

	(void)config;
	unlink(address.sun_path);
	if (bind(listener, (const struct sockaddr *)&address,
		sizeof(address)) == -1 ||
	    listen(listener, 5) == -1)
		return 1;
	while ((fd = accept(listener, NULL, NULL)) != -1) {
		n = read(fd, text, sizeof(text) - 1);
		text[n < 0 ? 0 : n] = '\0';
		if (strncmp(text, "spent ", 6) == 0)
			server_spent(channel, stage_number(text + 6));
		else
			server_grant(channel, fd, text);
		close(fd);
	}
	return 1;
}

static void
limits(const struct config *config, int *max_workers, int *spare_workers,
    int *per_address)
{
	*max_workers = config->smtpd_workers;
	*spare_workers = config->smtpd_spare;
	*per_address = config->smtpd_per_address;
}

static void
init_worker(const struct config *config)
{
	unsigned char unused;

	/* Now a generator is there that a fork would copy. */
	(void)gnutls_rnd(GNUTLS_RND_NONCE, &unused, sizeof(unused));
	(void)copy_string(hostname, sizeof(hostname), config->hostname);
	/* How a worker that cannot start looks. */
	if (strcmp(hostname, "broken.example") == 0)
		_exit(1);
}

static const struct sandbox_path paths[] = {
	{ "directory.sqlite", SB_READ, "who has mail here" },
	{ "spool", SB_ALL, "messages on their way" },
	{ "boxes", SB_READ | SB_MKDIR, "folders" },
	{ "not-there", SB_ALL, "a path may be missing" },
	{ NULL, 0, NULL },
};

static const struct sandbox sandbox = {
	.role = "worker",
	.paths = paths,
	.calls = SB_CALL_FILES | SB_CALL_UNIX,
	.memory = MEMORY,
	.files = FILES,
};

const struct sandbox test_zygote_sandbox = {
	.role = "worker",
	.paths = paths,
	.calls = SB_CALL_FILES | SB_CALL_UNIX | SB_CALL_BEAR,
	.memory = MEMORY,
	.files = FILES,
};

static const struct helper helpers[] = { { "desk", run_helper, NULL } };

const struct server test_server = {
	.program = "testd",
	.protocols = { PROTO_MTA },
	.protocol_count = 1,
	.sandbox = &sandbox,
	.helpers = helpers,
	.helper_count = COUNT(helpers),
	.busy_reply = "421 4.3.2 Busy\r\n",
	.limits = limits,
	.worker_init = init_worker,
	.serve = serve,
	.serve_grant = serve_grant,
};
