/*
 * fetch_plan.h - what to do with each message on the server: fetch it, remove
 * it, or leave it alone.
 */
#ifndef MUA_FETCH_PLAN_H
#define MUA_FETCH_PLAN_H

#include "mua/fetched.h"
#include "mua/pop3_session.h"

#include <stdbool.h>

struct plan_message {
	int number;   /* the server's */
	char *uid;    /* our key for it; NULL: the server has no UIDL */
	int64_t size; /* octets, as the server says */
	bool again;   /* its UID is another message's too */
	bool fetch;
	bool remove; /* once it is here */
	bool here;   /* fetched, now or earlier: it may be removed */
};

struct plan {
	struct plan_message *items; /* in the server's order */
	size_t count;
	size_t to_fetch;
};

/*
 * Asks SESSION for UIDL and LIST, and compares with FETCHED.  0; -1 with a
 * sentence in the session's dial.
 */
int plan_make(struct plan *plan, struct pop3_session *session,
    struct fetched *fetched);
void plan_clear(struct plan *plan);

#endif
