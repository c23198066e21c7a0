/*
 * report_fields.h - the fields of a report's second part (RFC 3464 2), and the
 * line about a recipient in its first.  Private to report*.c.
 */
#ifndef SMTPD_REPORT_FIELDS_H
#define SMTPD_REPORT_FIELDS_H

#include "common/buf.h"
#include "smtpd/report.h"

#include <stddef.h>

/* "<bob@far.example>: 550 5.1.1 ...", folded. */
void report_put_person(const struct queue_recipient *recipient, struct buf *to);

/* RFC 3464 2.2, 2.3; without the blank line between them. */
void report_put_message_fields(const struct report *report, struct buf *to);
void report_put_recipient_fields(const struct report *report, size_t i,
    struct buf *to);

#endif
