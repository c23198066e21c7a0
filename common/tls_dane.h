/*
 * tls_dane.h - a certificate held against TLSA records (RFC 6698, 7671), as
 * mail does it (RFC 7672).
 *
 * GnuTLS's own library for it (libgnutls-dane) is not used: it asks DNS itself,
 * with files of its own, knows an authority only as the certificate behind the
 * first, and checks neither its names nor its dates.
 */
#ifndef COMMON_TLS_DANE_H
#define COMMON_TLS_DANE_H

#include "common/dns.h"

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>

enum { TLS_DANE_NAMES = 3 };

/* Set records and count, and names, of which one must be the certificate's. */
struct tls_dane {
	const struct dns_tlsa *records;
	size_t count;
	const char *names[TLS_DANE_NAMES]; /* "": none */
};

/*
 * Whether a mail client can use RECORD: DANE-TA(2) or DANE-EE(3), a selector
 * and a matching type that exist, data of the right size (RFC 7672 3.1).
 */
bool tls_dane_is_usable(const struct dns_tlsa *record);

/*
 * Whether the certificates that the peer of SESSION has shown are those: its
 * own by DANE-EE, whatever its names and dates; or one that an authority of
 * DANE-TA vouches for, in its time and for one of the names.
 */
bool tls_dane_verify(gnutls_session_t session, const struct tls_dane *dane);

#endif
