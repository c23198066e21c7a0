/*
 * certificate.h - the certificates in use, for postlab config check.
 */
#ifndef ADMIN_CERTIFICATE_H
#define ADMIN_CERTIFICATE_H

struct config;

/*
 * Prints a line when they cannot be used, or not for much longer.  Returns how
 * many lines that were.
 */
int certificate_warn(const struct config *config);

#endif
