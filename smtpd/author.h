/*
 * author.h - what two header fields say, which anybody may have written: From,
 * and Authentication-Results.  Pure.
 */
#ifndef SMTPD_AUTHOR_H
#define SMTPD_AUTHOR_H

#include "common/address.h"

#include <stdbool.h>
#include <stddef.h>

enum { AUTHORS_MAX = 8 };

/* The domains of the mailboxes in From: each once, lower case, as A-labels. */
struct authors {
	char domains[AUTHORS_MAX][DOMAIN_MAX + 1];
	size_t count;
	/*
	 * An address cannot be read, or another reader may see one where here
	 * is none (in a route, an open quote, a group's name); or there are
	 * more domains.
	 */
	bool odd;
};

/*
 * Reads From (RFC 5322 3.6.2), of which the body is VALUE.  An address literal
 * is nobody's domain.
 */
void author_domains(const char *value, size_t size, struct authors *authors);

/*
 * The domain of all the mailboxes.  False when there is none, they are of
 * several, or it is no host's name: then nobody can be made answerable.
 */
bool author_domain(const char *value, size_t size, char domain[DOMAIN_MAX + 1]);

/*
 * Whether an Authentication-Results of this VALUE (RFC 8601 2.2) claims to be
 * of HOSTNAME; also when nobody can tell of whom it is.
 */
bool author_claims(const char *value, size_t size, const char *hostname);

#endif
