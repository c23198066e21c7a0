/*
 * server_listen.c - sockets: ours, systemd's, and those kept over a reload.
 *
 * Sockets do not block, so that a client that left again cannot hold the
 * master in accept().  The backlog is the system's largest: short ones lose
 * handshakes at 20 clients (FINDINGS).  An IPv6 address that this machine does
 * not have (a container without IPv6) is left out with a warning as long as
 * the listener has another.
 */
#include "common/server_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"
#include "common/server.h"

enum { FIRST_PASSED_FD = 3 };

static const char unix_prefix[] = "unix:";

/* Parses one address of a listener. */
static bool
make_address(const char *text, int port, struct listen_socket *socket_out)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t prefix = sizeof(unix_prefix) - 1;

	if (strncmp(text, unix_prefix, prefix) == 0) {
		if (!copy_string(un.sun_path, sizeof(un.sun_path),
			text + prefix))
			return false;
		memcpy(&socket_out->address, &un, sizeof(un));
		socket_out->size = sizeof(un);
		return true;
	}
	in.sin_port = in6.sin6_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
		memcpy(&socket_out->address, &in, sizeof(in));
		socket_out->size = sizeof(in);
		return true;
	}
	memcpy(&socket_out->address, &in6, sizeof(in6));
	socket_out->size = sizeof(in6);
	return inet_pton(AF_INET6, text, &in6.sin6_addr) == 1 &&
	    memcpy(&socket_out->address, &in6, sizeof(in6)) != NULL;
}

static const char *
unix_path(const struct listen_socket *socket)
{
	const void *address = &socket->address;

	if (socket->address.ss_family != AF_UNIX)
		return NULL;
	return ((const struct sockaddr_un *)address)->sun_path;
}

/* For messages: "127.0.0.1:2025", "[::1]:2025", "run/lmtp". */
static const char *
describe(const struct listen_socket *socket)
{
	static char text[sizeof(struct sockaddr_un)];
	char address[INET6_ADDRSTRLEN] = "";
	const char *path = unix_path(socket);
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (path != NULL) {
		(void)copy_string(text, sizeof(text), path);
		return text;
	}
	memcpy(&in, &socket->address, sizeof(in));
	memcpy(&in6, &socket->address, sizeof(in6));
	if (socket->address.ss_family == AF_INET)
		(void)inet_ntop(AF_INET, &in.sin_addr, address,
		    sizeof(address));
	else
		(void)inet_ntop(AF_INET6, &in6.sin6_addr, address,
		    sizeof(address));
	(void)snprintf(text, sizeof(text),
	    socket->address.ss_family == AF_INET ? "%s:%d" : "[%s]:%d", address,
	    ntohs(in.sin_port));
	return text;
}

/* systemd's path may be absolute where ours is relative: the same file. */
static bool
same_path(const char *a, const char *b)
{
	struct stat first;
	struct stat second;

	return strcmp(a, b) == 0 ||
	    (stat(a, &first) == 0 && stat(b, &second) == 0 &&
		first.st_dev == second.st_dev && first.st_ino == second.st_ino);
}

static bool
same_address(const struct listen_socket *a, const struct listen_socket *b)
{
	struct sockaddr_in in_a, in_b;
	struct sockaddr_in6 in6_a, in6_b;

	if (a->address.ss_family != b->address.ss_family)
		return false;
	if (a->address.ss_family == AF_UNIX)
		return same_path(unix_path(a), unix_path(b));
	memcpy(&in_a, &a->address, sizeof(in_a));
	memcpy(&in_b, &b->address, sizeof(in_b));
	memcpy(&in6_a, &a->address, sizeof(in6_a));
	memcpy(&in6_b, &b->address, sizeof(in6_b));
	if (in_a.sin_port != in_b.sin_port)
		return false;
	if (a->address.ss_family == AF_INET)
		return in_a.sin_addr.s_addr == in_b.sin_addr.s_addr;
	return IN6_ARE_ADDR_EQUAL(&in6_a.sin6_addr, &in6_b.sin6_addr);
}

static struct listen_socket *
add_socket(struct listen_set *set, const struct listen_socket *socket)
{
	set->sockets =
	    xrealloc(set->sockets, (set->count + 1) * sizeof(*set->sockets));
	set->sockets[set->count] = *socket;
	return &set->sockets[set->count++];
}

void
listen_inherit(struct listen_set *set_out)
{
	const char *pid = getenv("LISTEN_PID");
	const char *count = getenv("LISTEN_FDS");
	long n = 0;

	*set_out = (struct listen_set){ 0 };
	if (pid != NULL && count != NULL && strtol(pid, NULL, 10) == getpid())
		n = strtol(count, NULL, 10);
	for (int fd = FIRST_PASSED_FD; fd < FIRST_PASSED_FD + n; fd++) {
		struct listen_socket socket = {
			.fd = fd,
			.foreign = true,
			.size = sizeof(socket.address),
		};
		void *address = &socket.address;

		if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ||
		    fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
		    getsockname(fd, address, &socket.size) == -1)
			log_errno("descriptor %d of LISTEN_FDS", fd);
		else
			add_socket(set_out, &socket);
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

/* We hold the pid file, so a socket file that is there is nobody's. */
static void
remove_stale(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(path);
}

/*
 * It gets its name when it listens: whoever finds it can connect, and during a
 * start anew there is the old one until then.
 */
static int
bind_path(const struct listen_socket *s, const char *path)
{
	struct sockaddr_un hidden = { .sun_family = AF_UNIX };
	const void *address = &hidden;
	int n =
	    snprintf(hidden.sun_path, sizeof(hidden.sun_path), "%s.new", path);

	if (n < 0 || (size_t)n >= sizeof(hidden.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	remove_stale(hidden.sun_path);
	if (bind(s->fd, address, sizeof(hidden)) == -1)
		return -1;
	if (listen(s->fd, SOMAXCONN) == -1 ||
	    rename(hidden.sun_path, path) == -1)
		return -1;
	return 0;
}

static int
bind_socket(struct listen_socket *s)
{
	const void *address = &s->address;
	const char *path = unix_path(s);
	int on = 1;

	s->fd = socket(s->address.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd == -1)
		return -1;
	if (path != NULL)
		return bind_path(s, path);
	if (setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1)
		return -1;
	/* 0.0.0.0 and :: are two sockets; each says which it is. */
	if (s->address.ss_family == AF_INET6 &&
	    setsockopt(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == -1)
		return -1;
	if (bind(s->fd, address, s->size) == -1)
		return -1;
	return listen(s->fd, SOMAXCONN);
}

static bool
is_missing_ipv6(const struct listen_socket *socket)
{
	return socket->address.ss_family == AF_INET6 &&
	    (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL);
}

/* Adds one address to SET.  1, 0 when this machine lacks it, -1. */
static int
open_address(struct listen_socket wanted, struct listen_set *old,
    struct listen_set *set)
{
	for (size_t i = 0; i < old->count; i++) {
		if (old->sockets[i].taken ||
		    !same_address(&old->sockets[i], &wanted))
			continue;
		old->sockets[i].taken = true;
		wanted.fd = old->sockets[i].fd;
		wanted.foreign = old->sockets[i].foreign;
		wanted.taken = true;
		add_socket(set, &wanted);
		return 1;
	}
	if (bind_socket(&wanted) == 0) {
		add_socket(set, &wanted);
		return 1;
	}
	bool missing = is_missing_ipv6(&wanted);
	if (missing)
		log_event(LOG_WARN, "not-listening", "address=%s why=%s",
		    describe(&wanted), log_safe(strerror(errno)));
	else
		log_errno("listen on %s", describe(&wanted));
	if (wanted.fd != -1)
		close(wanted.fd);
	return missing ? 0 : -1;
}

static int
open_listener(const struct config *config, size_t i, struct listen_set *old,
    struct listen_set *set)
{
	const struct listener *listener = &config->listeners[i];
	char *words = xstrdup(listener->address);
	char *rest = words;
	const char *word;
	int opened = 0;
	int rc = 0;

	while (rc != -1 && (word = strsep(&rest, " \t")) != NULL) {
		struct listen_socket wanted = {
			.fd = -1,
			.listener = i,
			.implicit_tls = listener->tls == TLS_IMPLICIT,
		};

		if (*word == '\0')
			continue;
		if (make_address(word, listener->port + config->port_base,
			&wanted))
			rc = open_address(wanted, old, set);
		else
			rc = log_failure("[listen %s]: %s is no address",
			    listener->name, word);
		opened += rc > 0;
	}
	free(words);
	if (rc != -1 && opened == 0)
		rc = log_failure("[listen %s]: none of its addresses is here",
		    listener->name);
	return rc == -1 ? -1 : 0;
}

static bool
is_ours(const struct server *server, enum protocol protocol)
{
	for (size_t i = 0; i < server->protocol_count; i++)
		if (server->protocols[i] == protocol)
			return true;
	return false;
}

static void
close_untaken(struct listen_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		struct listen_socket *socket = &set->sockets[i];

		if (socket->taken)
			continue;
		if (socket->foreign)
			log_event(LOG_INFO, "socket-closed", "address=%s",
			    describe(socket));
		close(socket->fd);
		if (unix_path(socket) != NULL && !socket->foreign)
			remove_stale(unix_path(socket));
	}
	free(set->sockets);
	*set = (struct listen_set){ 0 };
}

int
listen_open(const struct server *server, const struct config *config,
    struct listen_set *old, struct listen_set *set_out)
{
	int rc = 0;

	*set_out = (struct listen_set){ 0 };
	for (size_t i = 0; i < config->listener_count && rc == 0; i++)
		if (is_ours(server, config->listeners[i].protocol))
			rc = open_listener(config, i, old, set_out);
	if (rc == 0 && set_out->count == 0)
		rc = log_failure("postlab.conf has no [listen] section for %s",
		    server->program);
	/* Now one of the two sets goes, but for what is in both. */
	close_untaken(rc == 0 ? old : set_out);
	struct listen_set *left = rc == 0 ? set_out : old;
	for (size_t i = 0; i < left->count; i++)
		left->sockets[i].taken = false;
	return rc;
}

int
listen_give(const struct listen_set *set, uid_t uid, gid_t gid)
{
	for (size_t i = 0; i < set->count; i++) {
		const char *path = unix_path(&set->sockets[i]);

		if (path != NULL && geteuid() == 0 &&
		    lchown(path, uid, gid) == -1)
			return log_errno("chown %s", path);
	}
	return 0;
}

void
listen_close(struct listen_set *set)
{
	close_untaken(set);
}
