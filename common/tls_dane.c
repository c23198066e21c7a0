/*
 * tls_dane.c - DANE-EE and DANE-TA by GnuTLS's certificates.
 *
 * An authority is looked for among the certificates behind the first (RFC 7672
 * 3.1.2: servers must show it).  Where its whole certificate is in DNS it need
 * not be there.
 */
#include "common/tls_dane.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

enum { DANE_TA = 2, DANE_EE = 3 };
enum { CERTIFICATE = 0, PUBLIC_KEY = 1 };
enum { AS_IT_IS = 0, SHA256 = 1, SHA512 = 2 };
enum { SHA256_SIZE = 32, SHA512_SIZE = 64, CHAIN_MAX = 16 };

struct chain {
	gnutls_x509_crt_t certificates[CHAIN_MAX];
	unsigned count;
};

bool
tls_dane_is_usable(const struct dns_tlsa *record)
{
	if ((record->usage != DANE_TA && record->usage != DANE_EE) ||
	    record->selector > PUBLIC_KEY)
		return false;
	switch (record->matching) {
	case AS_IT_IS:
		return record->size > 0;
	case SHA256:
		return record->size == SHA256_SIZE;
	case SHA512:
		return record->size == SHA512_SIZE;
	default:
		return false;
	}
}

static void
clear_chain(struct chain *chain)
{
	for (unsigned i = 0; i < chain->count; i++)
		gnutls_x509_crt_deinit(chain->certificates[i]);
	chain->count = 0;
}

/* 0 when there is no certificate, or one that cannot be read. */
static unsigned
read_chain(gnutls_session_t session, struct chain *chain)
{
	unsigned count = 0;
	const gnutls_datum_t *raw =
	    gnutls_certificate_get_peers(session, &count);

	chain->count = 0;
	for (unsigned i = 0; raw != NULL && i < count && i < CHAIN_MAX; i++) {
		gnutls_x509_crt_t *one = &chain->certificates[i];

		if (gnutls_x509_crt_init(one) < 0)
			break;
		chain->count++;
		if (gnutls_x509_crt_import(*one, &raw[i], GNUTLS_X509_FMT_DER) <
		    0) {
			clear_chain(chain);
			break;
		}
	}
	return chain->count;
}

/* The DER form of a certificate, or of its SubjectPublicKeyInfo. */
static int
select_part(gnutls_x509_crt_t certificate, int selector, gnutls_datum_t *part)
{
	gnutls_pubkey_t key;
	int rc;

	if (selector == CERTIFICATE)
		return gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_DER,
		    part);
	rc = gnutls_pubkey_init(&key);
	if (rc < 0)
		return rc;
	rc = gnutls_pubkey_import_x509(key, certificate, 0);
	if (rc >= 0)
		rc = gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, part);
	gnutls_pubkey_deinit(key);
	return rc;
}

static bool
is_same(const struct dns_tlsa *record, const void *data, size_t size)
{
	return record->size == size && memcmp(record->data, data, size) == 0;
}

static bool
matches(const struct dns_tlsa *record, gnutls_x509_crt_t certificate)
{
	unsigned char hash[SHA512_SIZE];
	gnutls_datum_t part = { NULL, 0 };
	bool same = false;

	if (select_part(certificate, record->selector, &part) < 0)
		return false;
	if (record->matching == AS_IT_IS)
		same = is_same(record, part.data, part.size);
	else if (gnutls_hash_fast(record->matching == SHA256
			 ? GNUTLS_DIG_SHA256
			 : GNUTLS_DIG_SHA512,
		     part.data, part.size, hash) == 0)
		same = is_same(record, hash, record->size);
	gnutls_free(part.data);
	return same;
}

/* Whether the first COUNT of CHAIN are good by LIST, now and for NAME. */
static bool
is_good_for(gnutls_x509_trust_list_t list, struct chain *chain, unsigned count,
    const char *name)
{
	char *copy = xstrdup(name);
	gnutls_typed_vdata_st wanted = {
		.type = GNUTLS_DT_DNS_HOSTNAME,
		.data = (unsigned char *)copy,
	};
	unsigned status = GNUTLS_CERT_INVALID;
	int rc = gnutls_x509_trust_list_verify_crt2(list, chain->certificates,
	    count, &wanted, 1, 0, &status, NULL);

	free(copy);
	return rc == 0 && status == 0;
}

static bool
is_vouched_for(const struct tls_dane *dane, struct chain *chain, unsigned count,
    gnutls_x509_crt_t authority)
{
	gnutls_x509_trust_list_t list;
	bool good = false;

	if (gnutls_x509_trust_list_init(&list, 0) < 0)
		return false;
	if (gnutls_x509_trust_list_add_cas(list, &authority, 1, 0) == 1)
		for (size_t i = 0; i < TLS_DANE_NAMES && !good; i++)
			good = dane->names[i] != NULL &&
			    *dane->names[i] != '\0' &&
			    is_good_for(list, chain, count, dane->names[i]);
	gnutls_x509_trust_list_deinit(list, 0);
	return good;
}

/* An authority that only DNS shows. */
static bool
fits_unseen_authority(const struct tls_dane *dane,
    const struct dns_tlsa *record, struct chain *chain)
{
	unsigned char copy[sizeof(record->data)];
	gnutls_datum_t raw = { copy, (unsigned)record->size };
	gnutls_x509_crt_t authority;
	bool good;

	if (record->selector != CERTIFICATE || record->matching != AS_IT_IS ||
	    gnutls_x509_crt_init(&authority) < 0)
		return false;
	memcpy(copy, record->data, record->size);
	good =
	    gnutls_x509_crt_import(authority, &raw, GNUTLS_X509_FMT_DER) >= 0 &&
	    is_vouched_for(dane, chain, chain->count, authority);
	gnutls_x509_crt_deinit(authority);
	return good;
}

static bool
fits(const struct tls_dane *dane, const struct dns_tlsa *record,
    struct chain *chain)
{
	if (record->usage == DANE_EE)
		return matches(record, chain->certificates[0]);
	for (unsigned i = 1; i < chain->count; i++)
		if (matches(record, chain->certificates[i]) &&
		    is_vouched_for(dane, chain, i, chain->certificates[i]))
			return true;
	return fits_unseen_authority(dane, record, chain);
}

bool
tls_dane_verify(gnutls_session_t session, const struct tls_dane *dane)
{
	struct chain chain;
	bool good = false;

	if (gnutls_certificate_type_get(session) != GNUTLS_CRT_X509 ||
	    read_chain(session, &chain) == 0)
		return false;
	for (size_t i = 0; i < dane->count && !good; i++)
		good = tls_dane_is_usable(&dane->records[i]) &&
		    fits(dane, &dane->records[i], &chain);
	clear_chain(&chain);
	return good;
}
