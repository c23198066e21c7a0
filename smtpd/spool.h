/*
 * spool.h - one message between its arrival and its hand-over.
 *
 * Up to MAIL_SPOOL_MEMORY bytes it stays in memory, where nearly all mail fits;
 * a larger one goes to a file without a name (queue_spool_file), which the
 * queue can give one without a copy (queue_commit).  Nothing is left behind
 * whatever happens to the process.  LF line ends.
 */
#ifndef SMTPD_SPOOL_H
#define SMTPD_SPOOL_H

#include "common/buf.h"

#include <stdint.h>

enum { MAIL_SPOOL_MEMORY = 64 * 1024 };

struct mail_spool {
	int incoming; /* descriptor of queue/incoming; the caller's */
	struct buf memory;
	int fd; /* -1 while all is in memory */
	int64_t size;
};

void mail_spool_init(struct mail_spool *spool, int incoming);

/*
 * Appends; SPOOL is a struct mail_spool, as a sink wants it.  0, or -1 with
 * the trouble logged.
 */
int mail_spool_add(void *spool, const char *data, size_t size);

/*
 * A descriptor with the whole message, the spool's own, or -1 (logged).
 * Nothing can be added afterwards.
 */
int mail_spool_fd(struct mail_spool *spool);

/*
 * Puts TEXT before what is there.  0, or -1 (logged), and then nothing of the
 * spool can be used.
 */
int mail_spool_prepend(struct mail_spool *spool, const char *text);

void mail_spool_clear(struct mail_spool *spool);

#endif
