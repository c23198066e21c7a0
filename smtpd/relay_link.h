/*
 * relay_link.h - the connection to another host that is kept for the next
 * message: one a worker, for [relay] keep seconds and keep_messages messages.
 */
#ifndef SMTPD_RELAY_LINK_H
#define SMTPD_RELAY_LINK_H

#include "smtpd/relay_session.h"
#include "smtpd/route.h"

#include <stdbool.h>

/* All zero while there is none. */
struct relay_link {
	struct relay_session session;
	struct hop hop; /* where it leads */
	int messages;   /* sent on it so far */
};

/* Whether a connection to A is one to B. */
bool relay_is_same_hop(const struct hop *a, const struct hop *b);

/*
 * The kept connection, if it leads to a host of ROUTE and is still of use; else
 * it is closed, and NULL.
 */
struct relay_session *relay_link_take(struct relay_link *link,
    const struct route *route);

/*
 * SESSION, another one or that which was taken, has had a message: it is kept,
 * if it may be, or closed.
 */
void relay_link_keep(struct relay_link *link, struct relay_session *session);

/* Its descriptor, -1 when there is none. */
int relay_link_fd(const struct relay_link *link);

void relay_link_close(struct relay_link *link);

#endif
