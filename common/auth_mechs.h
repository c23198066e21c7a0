/*
 * auth_mechs.h - LOGIN and CRAM-MD5 as SASL plugins of our own.
 *
 * Cyrus SASL's next release has neither, and the labs teach both.  They are
 * registered only where the library's own are missing.
 */
#ifndef COMMON_AUTH_MECHS_H
#define COMMON_AUTH_MECHS_H

#include <stdbool.h>

/* After sasl_server_init().  0, or -1 (logged). */
int auth_mechs_register(void);

/* Whether MECHANISM can be used, the library's or ours. */
bool auth_mechs_available(const char *mechanism);

#endif
