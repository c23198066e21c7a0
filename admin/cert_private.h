/*
 * cert_private.h - what the makers of certificates share; for cert*.c alone.
 */
#ifndef ADMIN_CERT_PRIVATE_H
#define ADMIN_CERT_PRIVATE_H

#include "admin/cert.h"

#include <gnutls/x509.h>
#include <stdbool.h>

/* A certificate and its private key. */
struct pair {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
};

void cert_pair_clear(struct pair *pair);

/* A new key, and a certificate for HOSTNAME signed by CA.  False: logged. */
bool cert_make_server(struct pair *server, gnutls_pk_algorithm_t algorithm,
    const struct pair *ca, const char *hostname);

/*
 * Writes NAME.key and NAME.pem into the folder DIR, which must not be there;
 * ISSUER, unless NULL, goes behind in the pem.  0, or -1 (logged).
 */
int cert_pair_write(int dir, const char *name, const struct pair *pair,
    gnutls_x509_crt_t issuer);

#endif
