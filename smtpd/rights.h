/*
 * rights.h - what each process of smtpd may do, in one place.
 *
 * Only the auth helper, which is not here, can read secrets.sqlite, and nobody
 * in smtpd can read mail/.
 */
#ifndef SMTPD_RIGHTS_H
#define SMTPD_RIGHTS_H

#include "common/config.h"
#include "common/sandbox.h"

/* A session worker: meets the network. */
struct sandbox rights_of_worker(const struct config *config);

/* The queue manager: meets files that workers have written. */
struct sandbox rights_of_manager(const struct config *config);

/* A delivery worker, born of the manager: meets mda, other hosts and DNS. */
struct sandbox rights_of_delivery(const struct config *config);

#endif
