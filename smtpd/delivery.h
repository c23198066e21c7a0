/*
 * delivery.h - one queued message, one attempt, in a process of its own.
 */
#ifndef SMTPD_DELIVERY_H
#define SMTPD_DELIVERY_H

#include "common/config.h"

/*
 * Takes the envelope's lock, hands the message to mda for all who wait, and
 * appends what came of it and when the next attempt is.  Returns the exit
 * status of the process: 0 unless the outcome could not be written.
 */
int delivery_run(const struct config *config, int queue, const char *id);

#endif
