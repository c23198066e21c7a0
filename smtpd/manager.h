/*
 * manager.h - the queue manager: a helper of server.h.
 *
 * It keeps the schedule, starts delivery workers and tidies up.  All it knows
 * comes from the files in queue/, so it may be killed and started at any time.
 */
#ifndef SMTPD_MANAGER_H
#define SMTPD_MANAGER_H

#include "common/config.h"

/* Runs until CHANNEL ends.  Returns the exit status. */
int manager_run(const struct config *config, int channel);

#endif
