/*
 * judge.h - mail from other hosts is judged as it arrives: DKIM, SPF and DMARC,
 * told to the reader in Authentication-Results (RFC 8601).
 *
 * The work is a helper's: a session worker reads an unknown client's bytes and
 * can reach no network, and the libraries read whatever anybody has put into a
 * message and into DNS.  Without the helper's word in time mail is taken all
 * the same, and temperror is written.
 *
 * A client on loopback is this machine: it is not judged.
 */
#ifndef SMTPD_JUDGE_H
#define SMTPD_JUDGE_H

#include "common/config.h"
#include "common/reply.h"

#include <stdbool.h>

struct session;

/* A helper of server.h, and whether a listener needs it. */
int judge_helper_run(const struct config *config, int channel);
bool judge_is_wanted(const struct config *config);

/*
 * Judges the message of S's transaction, which is all there, and puts the
 * results before it.  250; or the refusal that its author's domain asks for,
 * where the listener enforces that.
 */
struct reply judge_message(struct session *s);

#endif
