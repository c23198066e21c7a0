/*
 * cert_renew.c - new server certificates from the private CA.
 *
 * The new files are complete before the first takes its place.  Between the
 * two renames of a pair a key does not fit its certificate: a running daemon
 * waits a moment and looks again (common/server_certificates.c).
 */
#include "admin/cert_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"

static const struct kind {
	const char *name;  /* of the files, without what is behind the dot */
	const char *draft; /* the same while they are being written */
	gnutls_pk_algorithm_t algorithm;
} kinds[] = {
	{ "server-ecdsa", "new-ecdsa", GNUTLS_PK_ECDSA },
	{ "server-rsa", "new-rsa", GNUTLS_PK_RSA },
};

/* The text of DIR/NAME.SUFFIX; free it with gnutls_free(). */
static int
read_file(const char *dir, const char *name, const char *suffix,
    gnutls_datum_t *text)
{
	char *path = xasprintf("%s/%s.%s", dir, name, suffix);
	int rc = gnutls_load_file(path, text);

	if (rc < 0)
		log_failure("read %s: %s", path, gnutls_strerror(rc));
	free(path);
	return rc < 0 ? -1 : 0;
}

/* The first certificate in DIR/NAME.pem.  0, or -1 (logged). */
static int
read_crt(const char *dir, const char *name, gnutls_x509_crt_t *crt)
{
	gnutls_datum_t text;
	int rc;

	if (read_file(dir, name, "pem", &text) == -1)
		return -1;
	rc = gnutls_x509_crt_init(crt);
	if (rc == 0)
		rc = gnutls_x509_crt_import(*crt, &text, GNUTLS_X509_FMT_PEM);
	gnutls_free(text.data);
	return rc < 0
	    ? log_failure("%s/%s.pem: %s", dir, name, gnutls_strerror(rc))
	    : 0;
}

static int
read_ca(const char *dir, struct pair *ca)
{
	gnutls_datum_t text;
	int rc;

	if (read_crt(dir, "ca", &ca->crt) == -1 ||
	    read_file(dir, "ca", "key", &text) == -1)
		return -1;
	rc = gnutls_x509_privkey_init(&ca->key);
	if (rc == 0)
		rc = gnutls_x509_privkey_import2(ca->key, &text,
		    GNUTLS_X509_FMT_PEM, NULL, 0);
	gnutls_memset(text.data, 0, text.size);
	gnutls_free(text.data);
	return rc < 0 ? log_failure("%s/ca.key: %s", dir, gnutls_strerror(rc))
		      : 0;
}

/* 1 when CA has signed DIR/NAME.pem or there is none; 0, or -1 (logged). */
static int
is_ours(const char *dir, const char *name, const struct pair *ca)
{
	char *path = xasprintf("%s/%s.pem", dir, name);
	bool there = access(path, F_OK) == 0;
	gnutls_x509_crt_t crt = NULL;
	int rc = 1;

	free(path);
	if (!there)
		return 1;
	if (read_crt(dir, name, &crt) == -1)
		rc = -1;
	else if (gnutls_x509_crt_check_issuer(crt, ca->crt) == 0)
		rc = 0;
	if (crt != NULL)
		gnutls_x509_crt_deinit(crt);
	return rc;
}

/* Whether the CA may and need sign what is in DIR: 0, or -1. */
static int
check(const char *dir, const struct pair *ca, const char **why)
{
	int ours = 1;

	if (gnutls_x509_crt_get_expiration_time(ca->crt) <= time(NULL)) {
		*why = "the private CA itself is no longer valid: make a new "
		       "one with postlab init in another folder, and move its "
		       "tls/ here";
		return -1;
	}
	for (size_t i = 0; i < COUNT(kinds) && ours == 1; i++)
		ours = is_ours(dir, kinds[i].name, ca);
	if (ours == 0)
		*why = "a certificate in tls/ is not of the private CA: "
		       "whoever made it renews it";
	return ours == 1 ? 0 : -1;
}

static void
remove_draft(int dir, const struct kind *kind)
{
	static const char *const suffixes[] = { "pem", "key" };

	for (size_t i = 0; i < COUNT(suffixes); i++) {
		char *name = xasprintf("%s.%s", kind->draft, suffixes[i]);

		unlinkat(dir, name, 0);
		free(name);
	}
}

static int
make_draft(int dir, const struct kind *kind, const struct pair *ca,
    const char *hostname)
{
	struct pair pair = { 0 };
	int rc = -1;

	remove_draft(dir, kind);
	if (cert_make_server(&pair, kind->algorithm, ca, hostname))
		rc = cert_pair_write(dir, kind->draft, &pair, ca->crt);
	cert_pair_clear(&pair);
	return rc;
}

static int
put_in_place(int dir, const struct kind *kind, const char *suffix)
{
	char *from = xasprintf("%s.%s", kind->draft, suffix);
	char *to = xasprintf("%s.%s", kind->name, suffix);
	int rc = renameat(dir, from, dir, to);

	if (rc == -1)
		log_errno("rename %s", from);
	free(from);
	free(to);
	return rc;
}

static int
replace(int dir, const struct pair *ca, const char *hostname)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (make_draft(dir, &kinds[i], ca, hostname) == -1)
			return -1;
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (put_in_place(dir, &kinds[i], "key") == -1 ||
		    put_in_place(dir, &kinds[i], "pem") == -1)
			return -1;
	return fsync(dir) == 0 ? 0 : log_errno("sync the certificates");
}

int
cert_renew(const char *dir, const char *hostname, const char **why)
{
	struct pair ca = { 0 };
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = -1;

	*why = NULL;
	if (fd == -1)
		return log_errno("open %s", dir);
	if (read_ca(dir, &ca) == 0 && check(dir, &ca, why) == 0)
		rc = replace(fd, &ca, hostname);
	for (size_t i = 0; i < COUNT(kinds); i++)
		remove_draft(fd, &kinds[i]);
	cert_pair_clear(&ca);
	close(fd);
	return rc;
}
