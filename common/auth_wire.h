/*
 * auth_wire.h - what a session and the auth helper say to each other: one
 * SEQPACKET datagram a message, at most WIRE_MAX bytes, a connection an
 * attempt.
 *
 * A request is START, PASSWORD or APOP once, then STEP for each response; each
 * is answered once.  After any answer but AUTH_CONTINUE the attempt is over.
 * Both sides are the same build, so the messages are plain structs; the helper
 * trusts nothing in them all the same.
 */
#ifndef COMMON_AUTH_WIRE_H
#define COMMON_AUTH_WIRE_H

#include "common/address.h"
#include "common/auth.h"

#include <stdint.h>

enum { WIRE_MAX = 8192 };

enum wire_kind {
	WIRE_START = 1, /* data: the initial response */
	WIRE_PASSWORD,  /* data: user NUL password */
	WIRE_APOP,      /* data: user NUL timestamp NUL digest */
	WIRE_STEP,      /* data: the response; the rest of the head is unused */
};

enum wire_flag {
	WIRE_TLS = 1 << 0,
	WIRE_CLEARTEXT = 1 << 1,
	WIRE_INITIAL = 1 << 2,
};

enum {
	WIRE_MECHANISM_MAX = 20, /* RFC 4422 3.1 */
	WIRE_SERVICE_MAX = 15,
	WIRE_PEER_MAX = 63,
};

/* Before the data.  The strings end with NUL inside their arrays. */
struct wire_request {
	uint32_t kind;
	uint32_t flags;
	char mechanism[WIRE_MECHANISM_MAX + 1];
	char service[WIRE_SERVICE_MAX + 1];
	char peer[WIRE_PEER_MAX + 1];
};

/* Before the challenge; a grant's descriptor may come along. */
struct wire_answer {
	uint32_t result; /* enum auth_result */
	char login[ADDRESS_TEXT_MAX];
};

#endif
