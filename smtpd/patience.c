/* patience.c - [queue] and its time_scale. */
#include "smtpd/patience.h"

/* 0, which is no time at all, remains 0. */
static int
scaled(int seconds, int scale)
{
	int less = scale > 1 ? seconds / scale : seconds;

	return less == 0 && seconds > 0 ? 1 : less;
}

struct patience
patience_of(const struct config *config)
{
	int scale = config->queue_time_scale;

	return (struct patience){
		.retry_min = scaled(config->queue_retry_min, scale),
		.retry_max = scaled(config->queue_retry_max, scale),
		.notice = scaled(config->queue_delay_notice, scale),
		.lifetime = scaled(config->queue_lifetime, scale),
	};
}
