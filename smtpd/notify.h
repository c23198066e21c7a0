/*
 * notify.h - sending the reports that are owed (report.h).
 *
 * A report is a message like any other: from <>, to the reverse-path of the
 * message it is about, or to postmaster of [server] domain, in the queue.  It
 * is durable there before the envelope says that the sender was told, so at
 * worst he is told twice.
 */
#ifndef SMTPD_NOTIFY_H
#define SMTPD_NOTIFY_H

#include "smtpd/delivery.h"
#include "smtpd/queue.h"

/*
 * Tells the sender of ENTRY, whose lock ENV_FD holds, all that is owed to him,
 * and the postmaster of what failed and nobody else can be told; notes it in
 * ENTRY and its file.  Where there is no way to the sender (nobody of that
 * name) that is noted as REPORT_NONE, to the postmaster as REPORT_NOBODY.  0;
 * -1 when it has to be tried again (logged).
 */
int notify_owed(const struct delivery *delivery, struct queue_entry *entry,
    int env_fd);

#endif
