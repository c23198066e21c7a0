/*
 * check_route.h - for check-address: where mail for another host would go.
 */
#ifndef SMTPD_CHECK_ROUTE_H
#define SMTPD_CHECK_ROUTE_H

#include "common/address.h"
#include "common/config.h"

/*
 * Prints the way of mail from SENDER to DOMAIN, a line a host, in the order in
 * which they are tried, each begun with INDENT blanks.  Asks the DNS.
 */
void check_route_print(const struct config *config,
    const struct address *sender, const char *domain, int indent);

#endif
