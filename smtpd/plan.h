/*
 * plan.h - from an envelope to its errand (turns.h): where the message has to
 * be brought, and what is passed over.
 */
#ifndef SMTPD_PLAN_H
#define SMTPD_PLAN_H

#include "common/config.h"
#include "smtpd/queue.h"
#include "smtpd/turns.h"

#include <stdbool.h>

/* To all who wait. */
struct errand *plan_delivery(struct turns *turns, const struct config *config,
    const struct queue_entry *entry);

/* To the sender: he is to be told something. */
struct errand *plan_report(struct turns *turns,
    const struct queue_entry *entry);

/*
 * The lanes of ERRAND that sleep are dropped: who waits for them has a last
 * word then, which is logged, and is fresh in ENTRY.
 */
void plan_skip_sleepers(struct turns *turns, const struct config *config,
    struct errand *errand, struct queue_entry *entry);

#endif
