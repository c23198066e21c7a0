/*
 * check_server_orders.h - the orders of the tests' daemon
 * (check_server_daemon).
 */
#ifndef TESTS_CHECK_SERVER_ORDERS_H
#define TESTS_CHECK_SERVER_ORDERS_H

/* Does what LINE says, in the session on FD.  The answer, in static storage. */
const char *order_obey(int fd, char *line);

#endif
