/*
 * handover.h - a client goes from the front to the mailbox process that its
 * login was granted.
 *
 * Between the two is the grant's stream socket.  The mailbox first says that it
 * is ready, or why it is not; then it gets the client: in clear the descriptor
 * itself and what was read from it already, behind TLS the bytes, which the
 * front goes on to encrypt.  Where sessions are recorded the line to the
 * evidence helper goes over too.
 */
#ifndef POP3D_HANDOVER_H
#define POP3D_HANDOVER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/transcript_baton.h"
#include "pop3d/words.h"

struct conn;

/* Room for all words of listen.capabilities. */
enum { CAPABILITIES_MAX = 200 };

/* What the mailbox says of itself; how that is told is the front's. */
enum mailbox_state {
	MAILBOX_READY,
	MAILBOX_IN_USE,   /* another session has it */
	MAILBOX_TOO_SOON, /* after the last login */
	MAILBOX_LATER,    /* it cannot be opened now */
};

/* What the front tells of its client. */
struct handover {
	char peer[INET6_ADDRSTRLEN];
	bool tls;       /* the bytes come over this socket */
	bool cleartext; /* passwords would be allowed in clear */
	bool lenient;   /* lines, as a person types them */
	char capabilities[CAPABILITIES_MAX];
	enum language language;
	bool explain;    /* refusals */
	uint32_t unread; /* bytes of input that come behind this */
	bool recorded;   /* as evidence: */
	struct transcript_baton baton;
	int evidence; /* this process's descriptor for it, or -1 */
};

/* In the front: waits for the mailbox; MAILBOX_LATER when it says nothing. */
enum mailbox_state handover_wait(int grant);

/*
 * In the front: gives the client away, and what is in EVIDENCE.  In clear CONN
 * is at its end afterwards; behind TLS this returns when the session is over,
 * which the mailbox ends when nothing happens for SECONDS.
 */
void handover_give(int grant, struct handover *handover, struct conn *conn,
    int seconds);

/* In the mailbox.  0, or -1 (logged). */
int handover_say(int grant, enum mailbox_state state);

/*
 * In the mailbox: the client, with a timeout of SECONDS.  Takes GRANT over; the
 * descriptor in EVIDENCE is the caller's.
 * NULL when none came (logged).
 */
struct conn *handover_take(int grant, struct handover *handover_out,
    int seconds);

#endif
