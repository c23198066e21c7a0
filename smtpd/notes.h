/*
 * notes.h - what the queue manager remembers of an envelope: whose it is, since
 * when it is here, which domains wait for it.
 *
 * So that it can say at once which of 100,000 messages a question is about,
 * without reading a file.  Some 100 octets a message.
 */
#ifndef SMTPD_NOTES_H
#define SMTPD_NOTES_H

#include "smtpd/queue.h"

#include <stdbool.h>
#include <stdint.h>

struct notes;

/* One piece of memory, to be given to free(). */
struct notes *notes_new(const struct queue_entry *entry);

/*
 * Whether OWNER sent it: a login, or "uid=1000" for what a user of this machine
 * sent without one.  Nobody's mail is nobody's.
 */
bool notes_are_of(const struct notes *notes, const char *owner);

/* Whether a recipient waits in DOMAIN or, with BELOW, in a subdomain of it. */
bool notes_lead_to(const struct notes *notes, const char *domain, bool below);

/* Whether the operator is asked about it. */
bool notes_are_held(const struct notes *notes);

/* When it arrived. */
int64_t notes_arrived(const struct notes *notes);

#endif
