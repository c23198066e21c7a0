/*
 * downgrade.h - a message for a host without 8BITMIME (RFC 6152 3): what has
 * bytes above 127 becomes quoted-printable, part by part.
 *
 * Two passes: the first finds out which parts have such bytes, the second
 * writes.  All else stays as it was, byte by byte.  In memory is a line and the
 * header of one part.
 *
 * - A leaf with such bytes gets Content-Transfer-Encoding: quoted-printable,
 *   whatever its type; in one that is quoted-printable already they alone are
 *   encoded, and a stray "=" before them.  A leaf without them that is labelled
 *   8bit or binary becomes 7bit.
 * - multipart and message/rfc822 become 7bit, and their parts are treated so.
 * - A message that is not MIME becomes it: text/plain; charset=utf-8 where that
 *   is what the bytes are, else unknown-8bit (RFC 1428).
 * - What nobody displays, before the first and behind the last part of a
 *   multipart, gets question marks.
 *
 * It cannot be done for bytes above 127 in a header (5.6.7), in message/ other
 * than rfc822, in base64 or an encoding that is not known, within
 * multipart/signed or encrypted, which nobody may change, and for nonsense
 * (5.6.3).  A DKIM signature of somebody else breaks, as it does with Postfix;
 * our own is made afterwards.
 */
#ifndef SMTPD_DOWNGRADE_H
#define SMTPD_DOWNGRADE_H

#include "common/reply.h"

#include <stddef.h>

/*
 * Writes the message on FD (LF line ends) to SINK, which returns 0 or -1
 * (logged).  250; or a 5xx that says why it cannot be, with the status first;
 * or 451 when something could not be read or written.
 */
struct reply downgrade(int fd,
    int (*sink)(void *arg, const char *data, size_t size), void *arg);

#endif
