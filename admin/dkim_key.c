/* dkim_key.c - by GnuTLS; private keys are PKCS 8, which libopendkim reads. */
#include "admin/dkim_key.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/auth.h"
#include "common/log.h"
#include "common/mem.h"

enum {
	/* RFC 8301 3.2: at least 1024, should be 2048. */
	RSA_BITS = 2048,
	/* The prefix of an Ed25519 SubjectPublicKeyInfo (RFC 8410 4). */
	ED25519_PREFIX = 12,
	ED25519_SIZE = 32,
};

/* Whether a GnuTLS call went well; logs when it did not. */
static bool
ok(const char *what, int rc)
{
	if (rc < 0)
		log_failure("%s: %s", what, gnutls_strerror(rc));
	return rc >= 0;
}

int
dkim_key_make(enum dkim_algorithm algorithm, struct buf *pem)
{
	gnutls_x509_privkey_t key;
	gnutls_datum_t text = { NULL, 0 };
	bool rsa = algorithm == DKIM_RSA;
	int rc = -1;

	if (!ok("make a key", gnutls_x509_privkey_init(&key)))
		return -1;
	if (ok("make a key",
		gnutls_x509_privkey_generate(key,
		    rsa ? GNUTLS_PK_RSA : GNUTLS_PK_EDDSA_ED25519,
		    rsa ? RSA_BITS
			: GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519),
		    0)) &&
	    ok("write a key",
		gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM,
		    NULL, GNUTLS_PKCS_PLAIN, &text))) {
		buf_add(pem, text.data, text.size);
		gnutls_memset(text.data, 0, text.size);
		gnutls_free(text.data);
		rc = 0;
	}
	gnutls_x509_privkey_deinit(key);
	return rc;
}

/* What p= says: of RSA all of the key's form, of Ed25519 its 32 octets. */
static int
add_record(int kind, const gnutls_datum_t *der, struct buf *to,
    const char **name)
{
	if (kind == GNUTLS_PK_EDDSA_ED25519 &&
	    der->size == ED25519_PREFIX + ED25519_SIZE) {
		*name = "ed25519";
		buf_addstr(to, "v=DKIM1; k=ed25519; p=");
		auth_base64_encode(der->data + ED25519_PREFIX, ED25519_SIZE,
		    to);
		return 0;
	}
	if (kind != GNUTLS_PK_RSA)
		return log_failure("the key is neither RSA nor Ed25519");
	*name = "rsa";
	buf_addstr(to, "v=DKIM1; k=rsa; p=");
	auth_base64_encode(der->data, der->size, to);
	return 0;
}

int
dkim_key_record(const char *pem, struct buf *to, const char **name)
{
	gnutls_datum_t text = { NULL, (unsigned)strlen(pem) };
	gnutls_datum_t der = { NULL, 0 };
	gnutls_privkey_t private = NULL;
	gnutls_pubkey_t public = NULL;
	char *copy = xstrdup(pem);
	unsigned bits;
	int rc = -1;

	text.data = (unsigned char *)copy;
	if (ok("read a key", gnutls_privkey_init(&private)) &&
	    ok("read a key", gnutls_pubkey_init(&public)) &&
	    ok("read a key",
		gnutls_privkey_import_x509_raw(private, &text,
		    GNUTLS_X509_FMT_PEM, NULL, 0)) &&
	    ok("read a key",
		gnutls_pubkey_import_privkey(public, private, 0, 0)) &&
	    ok("read a key",
		gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, &der))) {
		rc = add_record(gnutls_privkey_get_pk_algorithm(private, &bits),
		    &der, to, name);
		gnutls_free(der.data);
	}
	if (private != NULL)
		gnutls_privkey_deinit(private);
	if (public != NULL)
		gnutls_pubkey_deinit(public);
	explicit_bzero(copy, text.size);
	free(copy);
	return rc;
}

char *
dkim_key_owner(const char *domain, const char *selector)
{
	return xasprintf("%s._domainkey.%s", selector, domain);
}
