/*
 * fetched.h - which messages of a server were fetched: their UIDLs, kept in a
 * file of the Maildir (RFC 1939 7).
 *
 * A line each, "SECONDS UID", appended once the message is durable in the
 * Maildir.  Who is killed between the two fetches that message again, and loses
 * none.  The file is named for login and host, so several accounts can share a
 * Maildir; while it is open nobody else can open it.
 */
#ifndef MUA_FETCHED_H
#define MUA_FETCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fetched_entry {
	char *uid;
	int64_t when;  /* seconds since 1970 */
	bool is_there; /* on the server, as the caller has found */
};

struct fetched {
	struct fetched_entry *items; /* sorted by uid */
	size_t count;
	size_t sorted; /* those behind were added since */
	size_t room;
	int folder; /* the Maildir; the caller's */
	int fd;
	int lock;
	char *name;
};

/*
 * Opens the list for LOGIN at HOST in the Maildir FOLDER.  0; -1 with errno,
 * EWOULDBLOCK when somebody else has it.
 */
int fetched_open(struct fetched *fetched, int folder, const char *login,
    const char *host);
void fetched_close(struct fetched *fetched);

/* The entry of UID, NULL when it was not fetched. */
struct fetched_entry *fetched_find(struct fetched *fetched, const char *uid);

/* Notes that UID was fetched now.  0, or -1 with errno. */
int fetched_add(struct fetched *fetched, const char *uid);

/* Makes durable what was added.  0, or -1 with errno. */
int fetched_sync(struct fetched *fetched);

/*
 * Forgets those that are no longer there and were fetched more than a month
 * ago, when there are many.  A server that shows an empty mailbox for once
 * makes nobody fetch everything again.
 */
int fetched_tidy(struct fetched *fetched);

#endif
