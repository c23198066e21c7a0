/*
 * secrets_md5.h - the secrets of CRAM-MD5 and DIGEST-MD5; for secrets*.c alone.
 */
#ifndef COMMON_SECRETS_MD5_H
#define COMMON_SECRETS_MD5_H

#include "common/secrets.h"

#include <gnutls/gnutls.h>

/* Adds those of LOGIN (user@domain) with PASSWORD in REALM to OUT. */
void secret_derive_md5(const char *login, const gnutls_datum_t *password,
    const char *realm, struct secret *out);

#endif
