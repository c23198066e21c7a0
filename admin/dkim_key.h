/*
 * dkim_key.h - keys for DKIM: made, and told to the world (RFC 6376 3.6.1).
 */
#ifndef ADMIN_DKIM_KEY_H
#define ADMIN_DKIM_KEY_H

#include "common/buf.h"

enum dkim_algorithm { DKIM_RSA, DKIM_ED25519 };

/* Makes a private key, appended to PEM.  0, or -1 (logged). */
int dkim_key_make(enum dkim_algorithm algorithm, struct buf *pem);

/*
 * What the TXT record of PEM says: "v=DKIM1; k=rsa; p=..."; *NAME_OUT
 * is "rsa" or "ed25519".  0, or -1 (logged).
 */
int dkim_key_record(const char *pem, struct buf *to, const char **name_out);

/* "SELECTOR._domainkey.DOMAIN"; the caller frees it. */
char *dkim_key_owner(const char *domain, const char *selector);

#endif
