/*
 * check_dns_server.h - a name server of a test: it says what a table says,
 * over UDP and TCP of 127.0.0.1, in a process of its own.
 */
#ifndef TESTS_CHECK_DNS_SERVER_H
#define TESTS_CHECK_DNS_SERVER_H

#include <stddef.h>

/*
 * One record, or what is done when NAME is asked for TYPE ("*": any).  A name
 * that no row has does not exist; one without a row of the type has no data.
 */
struct dns_row {
	const char *name;
	const char *type; /* MX, A, AAAA, TXT, PTR, CNAME, TLSA, * */
	/*
	 * "10 mx.example", an address, a name, TLSA in hexadecimal; in a name
	 * \\1 and the like stand for themselves.  Or "!" and: SERVFAIL,
	 * REFUSED, SILENT, EMPTY (a packet of nothing), GARBAGE, OTHER (the
	 * answer to another question), TC (over UDP; the other rows over TCP),
	 * MANY (1500 MX, by TCP).
	 */
	const char *data;
};

enum { DNS_SEEN_NAME = 64 };

/* What the server has seen; who is not answered at once asks again. */
struct dns_seen {
	int count;
	struct {
		unsigned id;
		unsigned port; /* of who asked */
		unsigned type;
		char name[DNS_SEEN_NAME];
	} questions[256];
};

/* Starts it; returns its port.  ROWS end with a name of NULL. */
int dns_server_start(const struct dns_row *rows);
const struct dns_seen *dns_server_seen(void);

/* How many different questions were seen from number FROM on. */
int dns_server_questions(int from);
void dns_server_stop(void);

#endif
