/*
 * check_server_owner.c - whose socket it is: asked of the real kernel about
 * real connections.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/mem.h"
#include "common/server_owner.h"
#include "tests/suites.h"

enum { SOMEBODY = 4711 };

/* A connection, with both ends in this process. */
struct pair {
	int client;
	int server;
	struct sockaddr_storage address; /* as accept() gave it */
};

static struct sockaddr_storage
make_address(int family, const char *text)
{
	struct sockaddr_storage address = { 0 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (family == AF_INET) {
		ck_assert_int_eq(inet_pton(family, text, &in.sin_addr), 1);
		memcpy(&address, &in, sizeof(in));
	} else {
		ck_assert_int_eq(inet_pton(family, text, &in6.sin6_addr), 1);
		memcpy(&address, &in6, sizeof(in6));
	}
	return address;
}

static int
make_listener(int family, const char *where, struct sockaddr_storage *bound)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(*bound);
	int off = 0;

	if (fd == -1)
		return -1; /* no IPv6 here */
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	*bound = make_address(family, where);
	if (bind(fd, (const struct sockaddr *)bound, sizeof(*bound)) == -1 ||
	    listen(fd, 5) == -1) {
		close(fd);
		return -1;
	}
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)bound, &size), 0);
	return fd;
}

/* False where this machine has no such addresses. */
static bool
connect_pair(int family, const char *where, int client_family,
    const char *client_where, struct pair *pair)
{
	struct sockaddr_storage bound;
	struct sockaddr_storage to;
	socklen_t size = sizeof(pair->address);
	int listener = make_listener(family, where, &bound);

	if (listener == -1)
		return false;
	to = make_address(client_family, client_where);
	/* The port has the same place in both kinds. */
	((struct sockaddr_in *)(void *)&to)->sin_port =
	    ((struct sockaddr_in *)(void *)&bound)->sin_port;
	pair->client = socket(client_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(connect(pair->client, (const struct sockaddr *)&to,
			     sizeof(to)),
	    0);
	pair->server = accept4(listener, (struct sockaddr *)&pair->address,
	    &size, SOCK_CLOEXEC);
	ck_assert_int_ne(pair->server, -1);
	close(listener);
	return true;
}

static void
close_pair(struct pair *pair)
{
	close(pair->client);
	close(pair->server);
}

static const struct {
	int family;
	const char *where;
	int client_family;
	const char *client_where;
} ways[] = {
	/* clang-format off */
	{ AF_INET,  "127.0.0.1", AF_INET,  "127.0.0.1" },
	{ AF_INET,  "0.0.0.0",   AF_INET,  "127.0.0.9" },
	{ AF_INET6, "::1",       AF_INET6, "::1" },
	{ AF_INET6, "::",        AF_INET,  "127.0.0.1" },
	{ AF_INET6, "::",        AF_INET6, "::ffff:127.0.0.1" },
	{ AF_INET,  "127.0.0.1", AF_INET6, "::ffff:127.0.0.1" },
	/* clang-format on */
};

START_TEST(a_client_on_loopback_is_a_user_of_this_machine)
{
	int kernel = owner_open();
	struct pair pair;

	ck_assert_int_ne(kernel, -1);
	if (!connect_pair(ways[_i].family, ways[_i].where,
		ways[_i].client_family, ways[_i].client_where, &pair))
		return;
	ck_assert_int_eq(owner_find(kernel, pair.server, &pair.address),
	    getuid());
	close_pair(&pair);
	close(kernel);
}
END_TEST

/* The descriptor remembers who made it, whoever holds it now. */
START_TEST(the_user_is_the_one_who_connected)
{
	struct sockaddr_storage bound;
	struct sockaddr_storage address = { 0 };
	socklen_t size = sizeof(address);
	int listener = make_listener(AF_INET, "127.0.0.1", &bound);
	int kernel = owner_open();
	pid_t pid;
	int fd;

	if (getuid() != 0)
		return; /* nobody else can be made here */
	pid = fork();
	if (pid == 0) {
		if (setuid(SOMEBODY) == -1)
			_exit(1);
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(fd, (const struct sockaddr *)&bound,
			sizeof(bound)) == -1)
			_exit(1);
		pause();
	}
	fd = accept(listener, (struct sockaddr *)&address, &size);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(owner_find(kernel, fd, &address), SOMEBODY);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	/* Its socket is closed: the kernel's 0 is not root. */
	ck_assert_int_eq(owner_find(kernel, fd, &address), OWNER_UNKNOWN);
	close(fd);
	close(listener);
	close(kernel);
}
END_TEST

/* A listener on the client's port must not pass for the client. */
START_TEST(a_client_that_has_gone_is_unknown)
{
	struct pair pair;
	int kernel = owner_open();

	ck_assert(
	    connect_pair(AF_INET, "127.0.0.1", AF_INET, "127.0.0.1", &pair));
	close(pair.client);
	ck_assert_int_eq(owner_find(kernel, pair.server, &pair.address),
	    OWNER_UNKNOWN);
	close(pair.server);
	close(kernel);
}
END_TEST

START_TEST(a_listener_on_that_port_is_not_the_client)
{
	struct sockaddr_storage listening;
	struct pair pair;
	int kernel = owner_open();
	int listener = make_listener(AF_INET, "0.0.0.0", &listening);

	ck_assert_int_ne(listener, -1);
	ck_assert(
	    connect_pair(AF_INET, "127.0.0.1", AF_INET, "127.0.0.1", &pair));
	((struct sockaddr_in *)(void *)&pair.address)->sin_port =
	    ((struct sockaddr_in *)(void *)&listening)->sin_port;
	ck_assert_int_eq(owner_find(kernel, pair.server, &pair.address),
	    OWNER_UNKNOWN);
	close_pair(&pair);
	close(listener);
	close(kernel);
}
END_TEST

START_TEST(nobody_else_is_asked_about)
{
	struct sockaddr_storage far = make_address(AF_INET, "192.0.2.1");
	struct pair pair;
	int kernel = owner_open();

	ck_assert(
	    connect_pair(AF_INET, "127.0.0.1", AF_INET, "127.0.0.1", &pair));
	ck_assert_int_eq(owner_find(kernel, pair.server, &far), OWNER_UNKNOWN);
	ck_assert_int_eq(owner_find(-1, pair.server, &pair.address),
	    OWNER_UNKNOWN);
	close_pair(&pair);
	close(kernel);
}
END_TEST

Suite *
server_owner_suite(void)
{
	Suite *suite = suite_create("server_owner");
	TCase *tc = tcase_create("owner");

	tcase_add_loop_test(tc, a_client_on_loopback_is_a_user_of_this_machine,
	    0, COUNT(ways));
	tcase_add_test(tc, the_user_is_the_one_who_connected);
	tcase_add_test(tc, a_client_that_has_gone_is_unknown);
	tcase_add_test(tc, a_listener_on_that_port_is_not_the_client);
	tcase_add_test(tc, nobody_else_is_asked_about);
	suite_add_tcase(suite, tc);
	return suite;
}
