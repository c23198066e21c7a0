/* check_conn_pair.c - a connection under test, and its peer. */
#include "tests/check_conn_pair.h"

#include <check.h>

int peer;

struct conn *
open_pair(int type, int timeout)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, type, 0, ends), 0);
	peer = ends[1];
	return conn_open(ends[0], timeout);
}

const char *
received(void)
{
	static char data[65536];
	ssize_t n = recv(peer, data, sizeof(data) - 1, 0);

	data[n < 0 ? 0 : n] = '\0';
	return data;
}
