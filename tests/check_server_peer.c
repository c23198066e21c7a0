/*
 * check_server_peer.c - who a client is, by its address.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "common/mem.h"
#include "common/server.h"
#include "common/server_peer.h"
#include "tests/suites.h"

static const struct {
	const char *address; /* always an IPv6 one, maybe mapped */
	const char *shown;
} peers[] = {
	/* clang-format off */
	{ "::ffff:192.0.2.7", "192.0.2.7" },
	{ "::1",              "::1" },
	{ "2001:db8::25",     "2001:db8::25" },
	/* clang-format on */
};

static struct sockaddr_storage
ipv6(const char *address)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(4711) };
	struct sockaddr_storage storage = { 0 };

	ck_assert_int_eq(inet_pton(AF_INET6, address, &in6.sin6_addr), 1);
	memcpy(&storage, &in6, sizeof(in6));
	return storage;
}

START_TEST(an_ipv4_client_of_an_ipv6_socket_is_shown_as_ipv4)
{
	struct sockaddr_storage address = ipv6(peers[_i].address);
	struct peer peer;

	peer_from_address(&address, &peer);
	ck_assert_str_eq(peer.address, peers[_i].shown);
	ck_assert_int_eq(peer.port, 4711);
}
END_TEST

/* Pairs of addresses, and whether they are counted as one client. */
static const struct {
	const char *a;
	const char *b;
	bool same;
} clients[] = {
	/* clang-format off */
	{ "::ffff:192.0.2.7",     "::ffff:192.0.2.7",     true },
	{ "::ffff:192.0.2.7",     "::ffff:192.0.2.8",     false },
	{ "2001:db8:0:1::1",      "2001:db8:0:1:ffff::2", true },
	{ "2001:db8:0:1::1",      "2001:db8:0:2::1",      false },
	{ "::1",                  "::ffff:127.0.0.1",     false },
	/* clang-format on */
};

START_TEST(all_of_an_ipv6_network_counts_as_one_client)
{
	struct sockaddr_storage a = ipv6(clients[_i].a);
	struct sockaddr_storage b = ipv6(clients[_i].b);

	ck_assert_int_eq(peer_client(&a) == peer_client(&b), clients[_i].same);
	ck_assert(peer_client(&a) != 0);
}
END_TEST

Suite *
server_peer_suite(void)
{
	Suite *suite = suite_create("server_peer");
	TCase *tc = tcase_create("peer");

	tcase_add_loop_test(tc,
	    an_ipv4_client_of_an_ipv6_socket_is_shown_as_ipv4, 0,
	    (int)COUNT(peers));
	tcase_add_loop_test(tc, all_of_an_ipv6_network_counts_as_one_client, 0,
	    (int)COUNT(clients));
	suite_add_tcase(suite, tc);
	return suite;
}
