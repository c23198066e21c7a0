/*
 * destination.h - where a recipient's mail goes next, as a word by which the
 * queue sorts.
 *
 * What has the same word shares connections, a limit, and its troubles: the
 * mailboxes here; all that a [route NAME] section sends to one host; else a
 * domain, whatever its MX records say today.
 */
#ifndef SMTPD_DESTINATION_H
#define SMTPD_DESTINATION_H

#include "common/config.h"
#include "smtpd/queue.h"

#include <stdbool.h>

enum { DESTINATION_SIZE = 320 /* a domain and more */ };

/* No domain has a blank. */
#define DESTINATION_HERE "mailboxes here"
/* The sender: he is to be told something. */
#define DESTINATION_SENDER "the sender"

/* The word for mail to RCPT, in lower case, to TO. */
void destination_of(const struct config *config,
    const struct queue_entry *envelope, const struct queue_recipient *rcpt,
    char to[DESTINATION_SIZE]);

/* Whether RCPT waits for what goes to DESTINATION. */
bool destination_is(const struct config *config,
    const struct queue_entry *envelope, const struct queue_recipient *rcpt,
    const char *destination);

#endif
