/*
 * cert.c - makes a private CA and two server certificates.
 *
 * Server certificates last 825 days, the longest that Apple's clients accept;
 * they begin a day early, for clients whose clock is behind.
 */
#include "admin/cert.h"

#include "admin/cert_private.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/log.h"
#include "common/mem.h"

enum {
	DAY = 24 * 60 * 60,
	CA_DAYS = 3650,
	SERVER_DAYS = 825,
	CN_MAX = 64, /* RFC 5280 appendix A: ub-common-name */
	SERIAL_SIZE = 16,
	RSA_BITS = 2048,
};

/* Whether a GnuTLS call went well; logs when it did not. */
static bool
ok(const char *what, int rc)
{
	if (rc < 0)
		log_failure("%s: %s", what, gnutls_strerror(rc));
	return rc >= 0;
}

void
cert_pair_clear(struct pair *pair)
{
	if (pair->crt != NULL)
		gnutls_x509_crt_deinit(pair->crt);
	if (pair->key != NULL)
		gnutls_x509_privkey_deinit(pair->key);
	*pair = (struct pair){ 0 };
}

/* Makes the key and puts its public half into the certificate. */
static bool
make_key(struct pair *pair, gnutls_pk_algorithm_t algorithm)
{
	unsigned bits = algorithm == GNUTLS_PK_RSA
	    ? RSA_BITS
	    : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);
	unsigned char id[64];
	size_t id_size = sizeof(id);

	return ok("key", gnutls_x509_crt_init(&pair->crt)) &&
	    ok("key", gnutls_x509_privkey_init(&pair->key)) &&
	    ok("generate a key",
		gnutls_x509_privkey_generate(pair->key, algorithm, bits, 0)) &&
	    ok("key", gnutls_x509_crt_set_key(pair->crt, pair->key)) &&
	    ok("key id",
		gnutls_x509_crt_get_key_id(pair->crt, 0, id, &id_size)) &&
	    ok("key id",
		gnutls_x509_crt_set_subject_key_id(pair->crt, id, id_size));
}

/* What both kinds of certificate have in common. */
static bool
set_identity(gnutls_x509_crt_t crt, const char *name, int days)
{
	unsigned char serial[SERIAL_SIZE];
	time_t now = time(NULL);

	if (!ok("random bytes",
		gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial))))
		return false;
	serial[0] = (serial[0] & 0x3F) | 0x40; /* positive, of full length */
	if (strlen(name) > CN_MAX)
		name = "Postlab server";
	return ok("version", gnutls_x509_crt_set_version(crt, 3)) &&
	    ok("serial",
		gnutls_x509_crt_set_serial(crt, serial, sizeof(serial))) &&
	    ok("begin", gnutls_x509_crt_set_activation_time(crt, now - DAY)) &&
	    ok("end",
		gnutls_x509_crt_set_expiration_time(crt,
		    now + (time_t)days * DAY)) &&
	    ok("name",
		gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME,
		    0, name, (unsigned)strlen(name)));
}

static bool
make_ca(struct pair *ca, const char *hostname)
{
	char *name = xasprintf("Postlab CA of %s", hostname);
	bool made = make_key(ca, GNUTLS_PK_ECDSA) &&
	    set_identity(ca->crt, strlen(name) > CN_MAX ? "Postlab CA" : name,
		CA_DAYS) &&
	    ok("CA", gnutls_x509_crt_set_basic_constraints(ca->crt, 1, 0)) &&
	    ok("CA",
		gnutls_x509_crt_set_key_usage(ca->crt,
		    GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN)) &&
	    ok("sign the CA",
		gnutls_x509_crt_sign2(ca->crt, ca->crt, ca->key,
		    GNUTLS_DIG_SHA256, 0));

	free(name);
	return made;
}

static bool
add_name(gnutls_x509_crt_t crt, gnutls_x509_subject_alt_name_t type,
    const void *data, size_t size)
{
	return ok("host name",
	    gnutls_x509_crt_set_subject_alt_name(crt, type, data,
		(unsigned)size, GNUTLS_FSAN_APPEND));
}

/* All the names a client on this machine or another can know us by. */
static bool
set_names(gnutls_x509_crt_t crt, const char *hostname)
{
	static const char localhost[] = "localhost";
	struct in_addr v4 = { htonl(INADDR_LOOPBACK) };

	if (strcasecmp(hostname, localhost) != 0 &&
	    !add_name(crt, GNUTLS_SAN_DNSNAME, hostname, strlen(hostname)))
		return false;
	return add_name(crt, GNUTLS_SAN_DNSNAME, localhost,
		   sizeof(localhost) - 1) &&
	    add_name(crt, GNUTLS_SAN_IPADDRESS, &v4, sizeof(v4)) &&
	    add_name(crt, GNUTLS_SAN_IPADDRESS, &in6addr_loopback,
		sizeof(in6addr_loopback));
}

static bool
set_issuer(gnutls_x509_crt_t crt, const struct pair *ca)
{
	unsigned char id[64];
	size_t size = sizeof(id);

	return ok("issuer",
		   gnutls_x509_crt_get_subject_key_id(ca->crt, id, &size,
		       NULL)) &&
	    ok("issuer", gnutls_x509_crt_set_authority_key_id(crt, id, size)) &&
	    ok("sign",
		gnutls_x509_crt_sign2(crt, ca->crt, ca->key, GNUTLS_DIG_SHA256,
		    0));
}

/* Nobody believes a certificate for longer than the one that signed it. */
static bool
end_with_issuer(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
	time_t end = gnutls_x509_crt_get_expiration_time(issuer);

	return gnutls_x509_crt_get_expiration_time(crt) <= end ||
	    ok("end", gnutls_x509_crt_set_expiration_time(crt, end));
}

bool
cert_make_server(struct pair *server, gnutls_pk_algorithm_t algorithm,
    const struct pair *ca, const char *hostname)
{
	return make_key(server, algorithm) &&
	    set_identity(server->crt, hostname, SERVER_DAYS) &&
	    end_with_issuer(server->crt, ca->crt) &&
	    set_names(server->crt, hostname) &&
	    ok("use",
		gnutls_x509_crt_set_basic_constraints(server->crt, 0, -1)) &&
	    ok("use",
		gnutls_x509_crt_set_key_usage(server->crt,
		    GNUTLS_KEY_DIGITAL_SIGNATURE)) &&
	    ok("use",
		gnutls_x509_crt_set_key_purpose_oid(server->crt,
		    GNUTLS_KP_TLS_WWW_SERVER, 0)) &&
	    set_issuer(server->crt, ca);
}

static int
write_file(int dir, const char *name, const struct buf *text, mode_t mode)
{
	int fd =
	    openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	int rc = 0;

	if (fd == -1)
		return log_errno("create %s", name);
	if (write_all(fd, text->data, text->size) == -1 || fsync(fd) == -1)
		rc = log_errno("write %s", name);
	close(fd);
	return rc;
}

static bool
add_crt(struct buf *text, gnutls_x509_crt_t crt)
{
	gnutls_datum_t pem = { NULL, 0 };
	bool made = ok("certificate",
	    gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem));

	if (made)
		buf_add(text, pem.data, pem.size);
	gnutls_free(pem.data);
	return made;
}

static bool
add_key(struct buf *text, gnutls_x509_privkey_t key)
{
	gnutls_datum_t pem = { NULL, 0 };
	bool made = ok("key",
	    gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL,
		GNUTLS_PKCS_PLAIN, &pem));

	if (made) {
		buf_add(text, pem.data, pem.size);
		gnutls_memset(pem.data, 0, pem.size);
	}
	gnutls_free(pem.data);
	return made;
}

int
cert_pair_write(int dir, const char *name, const struct pair *pair,
    gnutls_x509_crt_t issuer)
{
	char *key_name = xasprintf("%s.key", name);
	char *crt_name = xasprintf("%s.pem", name);
	struct buf key = BUF_INIT;
	struct buf crt = BUF_INIT;
	int rc = -1;

	if (add_key(&key, pair->key) && add_crt(&crt, pair->crt) &&
	    (issuer == NULL || add_crt(&crt, issuer)) &&
	    write_file(dir, key_name, &key, 0600) == 0 &&
	    write_file(dir, crt_name, &crt, 0644) == 0)
		rc = 0;
	gnutls_memset(key.data, 0, key.size);
	buf_clear(&key);
	buf_clear(&crt);
	free(key_name);
	free(crt_name);
	return rc;
}

int
cert_make_all(const char *dir, const char *hostname)
{
	struct pair ca = { 0 };
	struct pair ecdsa = { 0 };
	struct pair rsa = { 0 };
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = -1;

	if (fd == -1)
		return log_errno("open %s", dir);
	if (make_ca(&ca, hostname) &&
	    cert_make_server(&ecdsa, GNUTLS_PK_ECDSA, &ca, hostname) &&
	    cert_make_server(&rsa, GNUTLS_PK_RSA, &ca, hostname) &&
	    cert_pair_write(fd, "ca", &ca, NULL) == 0 &&
	    cert_pair_write(fd, "server-ecdsa", &ecdsa, ca.crt) == 0 &&
	    cert_pair_write(fd, "server-rsa", &rsa, ca.crt) == 0)
		rc = fsync(fd) == 0 ? 0 : log_errno("sync %s", dir);
	cert_pair_clear(&ca);
	cert_pair_clear(&ecdsa);
	cert_pair_clear(&rsa);
	close(fd);
	return rc;
}
