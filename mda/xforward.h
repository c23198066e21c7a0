/*
 * xforward.h - what smtpd knows about the client and mda would not.
 *
 * Postfix's XFORWARD (XFORWARD_README), with two attributes of ours, LOGIN and
 * TLS, which is what Received says of it: version and cipher.
 * It only feeds the index and the log; nothing is decided by it.
 */
#ifndef MDA_XFORWARD_H
#define MDA_XFORWARD_H

#include "common/address.h"
#include "common/reply.h"

/* "" where nothing was said. */
struct forwarded {
	char peer[64];
	char helo[DOMAIN_MAX + 1];
	char protocol[64];
	char tls[128];
	char queue_id[64];
	char login[ADDRESS_TEXT_MAX];
};

/* For the answer to LHLO. */
extern const char xforward_keyword[];

/*
 * Takes the attributes in ARGUMENT ("ADDR=192.0.2.1 HELO=client.example"),
 * which is changed.  250, or 501 and then FORWARDED is as it was.
 */
struct reply xforward_parse(const char *argument, struct forwarded *forwarded);

#endif
