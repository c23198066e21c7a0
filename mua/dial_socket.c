/*
 * dial_socket.c - names, addresses, and why there is nobody.
 *
 * Names are looked up by the C library, as every program of the person's does:
 * with /etc/hosts, in a lab with the lab's own resolver.
 */
#include "mua/dial_socket.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "mua/dial.h"

enum { CONNECT_SECONDS = 20 };

/* Waits for the connection.  0, or -1 with errno. */
static int
wait_for(const struct dial *dial, int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	struct timespec span = { .tv_sec = CONNECT_SECONDS };
	socklen_t size = sizeof(int);
	sigset_t through;
	int error = 0;
	int n;

	/* SIGTERM only here, so that it is not missed before the wait. */
	sigprocmask(SIG_SETMASK, NULL, &through);
	sigdelset(&through, SIGTERM);
	do {
		if (*task_stop(dial->task) != 0) {
			errno = ECANCELED;
			return -1;
		}
		n = ppoll(&ready, 1, &span, &through);
	} while (n == -1 && errno == EINTR);
	if (n == 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	if (n == -1 ||
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
		return -1;
	errno = error;
	return error == 0 ? 0 : -1;
}

static int
try_address(const struct dial *dial, const struct addrinfo *info)
{
	int fd = socket(info->ai_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int saved;

	if (fd == -1)
		return -1;
	if (connect(fd, info->ai_addr, info->ai_addrlen) == 0 ||
	    (errno == EINPROGRESS && wait_for(dial, fd) == 0))
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static int
fail_connect(struct dial *dial, int error)
{
	const struct account_host *host = dial->host;

	switch (error) {
	case ECANCELED:
		return dial_fail(dial, TASK_CANCELLED, "Broken off");
	case ECONNREFUSED:
		return dial_fail(dial, EX_UNAVAILABLE,
		    "Nothing listens at %s, port %d (connection refused): is "
		    "the port right (%s), and does the server run?",
		    host->host, host->port, dial_key(dial, "port"));
	case ETIMEDOUT:
		return dial_fail(dial, EX_TEMPFAIL,
		    "%s, port %d, does not answer: the port may be wrong (%s), "
		    "or something on the way lets nothing through",
		    host->host, host->port, dial_key(dial, "port"));
	case ENETUNREACH:
	case EHOSTUNREACH:
		return dial_fail(dial, EX_TEMPFAIL,
		    "There is no way to %s: is this machine on the network?",
		    host->host);
	default:
		return dial_fail(dial, EX_TEMPFAIL,
		    "No connection to %s, port %d: %s", host->host, host->port,
		    strerror(error));
	}
}

static int
fail_lookup(struct dial *dial, int error)
{
	const char *name = dial->host->host;

	if (error == EAI_NONAME || error == EAI_NODATA)
		return dial_fail(dial, EX_NOHOST,
		    "There is no host %s: is the name right (%s)?", name,
		    dial_key(dial, "host"));
	return dial_fail(dial, EX_TEMPFAIL,
	    "The name %s cannot be looked up (%s): is this machine on the "
	    "network?",
	    name, gai_strerror(error));
}

int
dial_socket(struct dial *dial)
{
	const struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};
	struct addrinfo *list = NULL;
	char port[8];
	int fd = -1;
	int rc;

	(void)snprintf(port, sizeof(port), "%d", dial->host->port);
	task_note(dial->task, "connecting to %s, port %s", dial->host->host,
	    port);
	rc = getaddrinfo(dial->host->host, port, &hints, &list);
	if (rc != 0)
		return fail_lookup(dial, rc);
	errno = EHOSTUNREACH;
	for (struct addrinfo *at = list; at != NULL && fd == -1;
	     at = at->ai_next) {
		fd = try_address(dial, at);
		if (fd == -1 && errno == ECANCELED)
			break;
	}
	rc = errno;
	freeaddrinfo(list);
	return fd == -1 ? fail_connect(dial, rc) : fd;
}
