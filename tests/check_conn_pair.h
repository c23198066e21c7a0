/*
 * check_conn_pair.h - a connection under test, and its peer.
 */
#ifndef TESTS_CHECK_CONN_PAIR_H
#define TESTS_CHECK_CONN_PAIR_H

#include "common/conn.h"

#include <sys/socket.h>

#define BYTES(text) text, sizeof(text) - 1

/* The other end of the connection that open_pair() made last. */
extern int peer;

/* A connection over a socket pair of TYPE, with that timeout in seconds. */
struct conn *open_pair(int type, int timeout);

/* What the peer gets next, as a string; "" at the end.  Static storage. */
const char *received(void);

#endif
