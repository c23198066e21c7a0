/*
 * patience.h - how long things in the queue take: the times of [queue], made
 * shorter by its time_scale.
 *
 * With time_scale = 3600, for labs, what is an hour by the configuration is a
 * second by the clock.  All times that are written, logged and shown are the
 * clock's; no wait is shorter than a second.
 */
#ifndef SMTPD_PATIENCE_H
#define SMTPD_PATIENCE_H

#include "common/config.h"

/* Seconds. */
struct patience {
	int retry_min; /* before the second attempt; twice as long each time */
	int retry_max;
	int notice;   /* after which the sender hears of a delay; 0: never */
	int lifetime; /* who has waited so long has failed */
};

struct patience patience_of(const struct config *config);

#endif
