/*
 * notify.h - sending the reports that are owed (report.h).
 *
 * A report is a message like any other: from <>, to the reverse-path of the
 * message it is about, in the queue.  It is durable there before the envelope
 * says that the sender was told, so at worst he is told twice.
 */
#ifndef SMTPD_NOTIFY_H
#define SMTPD_NOTIFY_H

#include "common/config.h"
#include "smtpd/queue.h"

/*
 * Tells the sender of ENTRY, whose lock ENV_FD holds, all that is owed to him,
 * and notes it in ENTRY and its file.  Who cannot be told (nobody of that name,
 * another host's) is noted as REPORT_NONE.  0; -1 when it has to be tried
 * again (logged).
 */
int notify_sender(const struct config *config, int queue,
    struct queue_entry *entry, int env_fd);

#endif
