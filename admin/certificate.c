/* certificate.c - postlab cert: what tls/ holds, until when, and anew. */
#include "admin/certificate.h"

#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#include "admin/admin.h"
#include "admin/cert.h"
#include "common/buf.h"
#include "common/log.h"
#include "common/tls.h"

enum { DAY = 24 * 60 * 60, WARN_DAYS = 30, NAME_SIZE = 256 };

static const char folder[] = "tls";

/* The DNS names it is good for, separated by blanks. */
static void
add_names(struct buf *to, gnutls_x509_crt_t crt)
{
	char name[NAME_SIZE];
	int type = 0;

	for (unsigned i = 0;; i++) {
		size_t size = sizeof(name);

		type = gnutls_x509_crt_get_subject_alt_name(crt, i, name, &size,
		    NULL);
		if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return;
		if (type != GNUTLS_SAN_DNSNAME)
			continue;
		if (i > 0)
			buf_addchar(to, ' ');
		admin_field(to, name);
	}
}

static void
add_issuer(struct buf *to, gnutls_x509_crt_t crt)
{
	gnutls_datum_t name = { NULL, 0 };

	if (gnutls_x509_crt_get_issuer_dn3(crt, &name, 0) == 0)
		admin_field(to, (const char *)name.data);
	gnutls_free(name.data);
}

/* File, end, days left, issuer, names.  False when it cannot be read. */
static bool
show_one(const char *file)
{
	gnutls_datum_t text = { NULL, 0 };
	gnutls_x509_crt_t crt = NULL;
	struct buf line = BUF_INIT;
	char date[32];
	struct tm end_tm;
	time_t end;
	int rc = gnutls_load_file(file, &text);

	if (rc == 0)
		rc = gnutls_x509_crt_init(&crt);
	if (rc == 0)
		rc = gnutls_x509_crt_import(crt, &text, GNUTLS_X509_FMT_PEM);
	if (rc == 0) {
		end = gnutls_x509_crt_get_expiration_time(crt);
		gmtime_r(&end, &end_tm);
		strftime(date, sizeof(date), "%Y-%m-%d", &end_tm);
		buf_printf(&line, "%s\t%s\t%lld\t", file, date,
		    (long long)((end - time(NULL)) / DAY));
		add_issuer(&line, crt);
		buf_addchar(&line, '\t');
		add_names(&line, crt);
		puts(line.data);
	}
	buf_clear(&line);
	if (crt != NULL)
		gnutls_x509_crt_deinit(crt);
	gnutls_free(text.data);
	return rc == 0;
}

static int
show(int argc, char **argv)
{
	static const char *const files[] = { "tls/server-ecdsa.pem",
		"tls/server-rsa.pem", "tls/ca.pem" };
	int shown = 0;

	(void)argc;
	(void)argv;
	admin_enter();
	for (size_t i = 0; i < COUNT(files); i++)
		shown += show_one(files[i]) ? 1 : 0;
	return shown > 0
	    ? EX_OK
	    : admin_error(EX_NOINPUT, "there is no certificate in tls/");
}

static int
renew(int argc, char **argv)
{
	const struct config *config = admin_enter();
	const char *why;

	(void)argc;
	(void)argv;
	if (cert_renew(folder, config->hostname, &why) == -1)
		return admin_error(why == NULL ? EX_CANTCREAT : EX_UNAVAILABLE,
		    "%s",
		    why == NULL ? "it could not be done; the log says why"
				: why);
	printf("tls/ has new certificates for %s; daemons that run take them "
	       "within a minute\n",
	    config->hostname);
	return EX_OK;
}

int
certificate_warn(const struct config *config)
{
	struct buf why = BUF_INIT;
	struct tls_context *context;
	bool needed = false;
	time_t left;
	int count = 0;

	for (size_t i = 0; i < config->listener_count; i++)
		needed = needed || config->listeners[i].tls != TLS_OFF;
	if (!needed)
		return 0;
	context = tls_server_context_why(folder, &why);
	left = context == NULL ? 0 : tls_context_end(context) - time(NULL);
	if (context == NULL) {
		printf("ports with TLS will not open: %s\n", why.data);
		count = 1;
	} else if (left < (time_t)WARN_DAYS * DAY) {
		printf("a certificate in tls/ %s: postlab cert show, postlab "
		       "cert renew\n",
		    left < 0 ? "is no longer valid"
			     : "is valid for less than 30 days");
		count = 1;
	}
	tls_context_free(context);
	buf_clear(&why);
	return count;
}

int
admin_cert(int argc, char **argv)
{
	static const struct admin_verb verbs[] = {
		{ "show", 0, 0, show },
		{ "renew", 0, 0, renew },
	};

	return admin_run_verb(verbs, COUNT(verbs), argc, argv);
}
