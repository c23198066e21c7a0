/*
 * downgrade_qp.h - a line of text as quoted-printable (RFC 2045 6.7).
 *
 * Private to downgrade*.c.
 */
#ifndef SMTPD_DOWNGRADE_QP_H
#define SMTPD_DOWNGRADE_QP_H

#include "common/buf.h"

#include <stddef.h>

/*
 * Appends LINE, which has SIZE bytes and no line end.  Soft line breaks keep
 * what comes out at 76 characters; a From or a lone dot at the begin of a line
 * is encoded, which other systems would change.
 */
void qp_encode_line(const char *line, size_t size, struct buf *to);

/* The same for a line that is quoted-printable but for bytes above 127. */
void qp_mend_line(const char *line, size_t size, struct buf *to);

#endif
