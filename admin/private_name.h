/*
 * private_name.h - names and addresses that the public DNS does not know of,
 * and so cannot be wrong about.
 */
#ifndef ADMIN_PRIVATE_NAME_H
#define ADMIN_PRIVATE_NAME_H

#include <stdbool.h>

struct sockaddr_storage;

/*
 * Whether DOMAIN is for private use: a single label, or below a name that RFC
 * 6761, 6762, 7686, 8375 or ICANN (.internal) has set aside, or that home
 * networks use all the same (.lan, .home, .corp ...).
 */
bool private_domain(const char *domain);

/*
 * Whether ADDRESS is of no public network: RFC 1918, 6598, 3927, 4193, 4291,
 * loopback, and those of examples (5737, 3849).
 */
bool private_address(const struct sockaddr_storage *address);

#endif
