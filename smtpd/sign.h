/*
 * sign.h - DKIM signatures for mail that leaves.
 *
 * The keys are read by a helper alone: neither a session, which reads an
 * unknown client's bytes, nor a delivery, which reads a foreign server's, can
 * see one.  Whoever takes one of them over can have mail signed, as by sending
 * it.
 *
 * Signed is what somebody has sent who logged in, and our own reports, where
 * the domain of the sender has a key and the author in From is of that domain.
 */
#ifndef SMTPD_SIGN_H
#define SMTPD_SIGN_H

#include "common/buf.h"
#include "common/config.h"

struct queue_entry;

/* A helper of server.h. */
int sign_helper_run(const struct config *config, int channel);

/*
 * Appends what goes before the message on FD, LF line ends, when it is sent as
 * it is: the DKIM-Signature fields, or nothing.  0; -1 (logged) when it should
 * be signed and cannot be now.
 */
int sign_message(const struct config *config, const struct queue_entry *entry,
    int fd, struct buf *to);

#endif
