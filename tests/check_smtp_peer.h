/*
 * check_smtp_peer.h - a scripted SMTP or LMTP server for the client's tests.
 *
 * It runs in a child at the other end of a SEQPACKET socket pair, so a packet
 * is exactly what the client wrote at once: a group of commands is seen as one.
 */
#ifndef TESTS_CHECK_SMTP_PEER_H
#define TESTS_CHECK_SMTP_PEER_H

#include "common/smtp_client.h"

#include <stddef.h>

/* One packet to expect, NULL for none, and one to send, NULL for none. */
struct exchange {
	const char *expect;
	const char *send;
};

enum { EXCHANGES_MAX = 12 };

/*
 * Plays the script, up to the first row of two NULLs; closes then, or with
 * UNTIL_END waits until the client closes and has said nothing more.  Returns
 * a connection to it, with a timeout of 5 seconds.
 */
struct conn *smtp_peer_start(const struct exchange *script, bool until_end);

/* Closes CONN; fails when the peer met anything else than its script. */
void ck_smtp_peer_was_content(struct conn *conn);

/* A descriptor of a file without name that holds DATA. */
int smtp_peer_message(const char *data, size_t size);

/*
 * Sends TEXT by CLIENT, which has its extensions, to a server that plays SCRIPT
 * until the end and must be content.  What T does not say is: from s@x.example
 * to a@y.example, without parameters.  The last word; CLIENT is closed.
 */
struct reply smtp_peer_send(const struct exchange *script, const char *text,
    struct smtp_client *client, struct smtp_transaction *t);

#endif
