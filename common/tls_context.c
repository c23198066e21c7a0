/*
 * tls_context.c - what many TLS sessions share: certificates, priorities and
 * the key of the session tickets.
 *
 * Made in the master before any fork, so that all workers take one another's
 * tickets and share the memory.
 */
#include "common/tls.h"

#include "common/tls_private.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"

/*
 * TLS 1.2 and 1.3.  Without RSA key exchange: it has no forward secrecy, and
 * every peer that speaks TLS 1.2 has ECDHE.
 */
static const char priorities[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA";

static struct tls_context *
new_context(bool server)
{
	struct tls_context *context = xcalloc(1, sizeof(*context));

	context->server = server;
	if (gnutls_certificate_allocate_credentials(&context->credentials) <
		0 ||
	    gnutls_priority_init(&context->priority, priorities, NULL) < 0)
		panic("GnuTLS does not start");
	return context;
}

/*
 * Adds the pair DIR/server-KIND.pem and .key.  Returns how many were added: 1,
 * or 0 when it is not there; -1 when it is no good.
 */
static int
add_pair(struct tls_context *context, const char *dir, const char *kind)
{
	char *cert = xasprintf("%s/server-%s.pem", dir, kind);
	char *key = xasprintf("%s/server-%s.key", dir, kind);
	int rc = 0;

	if (access(cert, F_OK) == -1 && errno == ENOENT)
		goto out;
	rc = gnutls_certificate_set_x509_key_file(context->credentials, cert,
	    key, GNUTLS_X509_FMT_PEM);
	if (rc < 0)
		rc = log_failure("certificate %s with %s: %s", cert, key,
		    gnutls_strerror(rc));
	else
		rc = 1;
out:
	free(cert);
	free(key);
	return rc;
}

struct tls_context *
tls_server_context(const char *dir)
{
	struct tls_context *context = new_context(true);
	int ecdsa = add_pair(context, dir, "ecdsa");
	int rsa = add_pair(context, dir, "rsa");

	if (ecdsa == 0 && rsa == 0)
		log_failure("no certificate in %s", dir);
	if (ecdsa < 0 || rsa < 0 || ecdsa + rsa == 0) {
		tls_context_free(context);
		return NULL;
	}
	if (gnutls_session_ticket_key_generate(&context->ticket_key) < 0)
		panic("GnuTLS has no random bytes");
	return context;
}

struct tls_context *
tls_client_context(const char *ca_file)
{
	struct tls_context *context = new_context(false);
	int n = ca_file == NULL
	    ? gnutls_certificate_set_x509_system_trust(context->credentials)
	    : gnutls_certificate_set_x509_trust_file(context->credentials,
		  ca_file, GNUTLS_X509_FMT_PEM);

	if (n < 0) {
		log_failure("certificates of %s: %s",
		    ca_file == NULL ? "the system" : ca_file,
		    gnutls_strerror(n));
		tls_context_free(context);
		return NULL;
	}
	return context;
}

void
tls_context_free(struct tls_context *context)
{
	if (context == NULL)
		return;
	gnutls_certificate_free_credentials(context->credentials);
	gnutls_priority_deinit(context->priority);
	if (context->ticket_key.data != NULL)
		gnutls_memset(context->ticket_key.data, 0,
		    context->ticket_key.size);
	gnutls_free(context->ticket_key.data);
	free(context);
}
