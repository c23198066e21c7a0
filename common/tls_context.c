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
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/log.h"
#include "common/mem.h"

/*
 * TLS 1.2 and 1.3.  Without RSA key exchange: it has no forward secrecy, and
 * every peer that speaks TLS 1.2 has ECDHE.
 */
#define FOR_BOTH "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA"

static const char client_priorities[] = FOR_BOTH;
/*
 * A server takes what costs least of what the client has: AES-128 with SHA-256,
 * for which processors have instructions, and X25519, of which nearly every
 * client sends a key at once.  Who sends none has another round trip.
 */
static const char server_priorities[] =
    FOR_BOTH ":-CIPHER-ALL:+AES-128-GCM:+CHACHA20-POLY1305:+CIPHER-ALL"
	     ":-GROUP-ALL:+GROUP-X25519:+GROUP-ALL:%SERVER_PRECEDENCE";

static struct tls_context *
new_context(bool server)
{
	struct tls_context *context = xcalloc(1, sizeof(*context));
	const char *wanted = server ? server_priorities : client_priorities;

	context->server = server;
	if (gnutls_certificate_allocate_credentials(&context->credentials) <
		0 ||
	    gnutls_priority_init(&context->priority, wanted, NULL) < 0)
		panic("GnuTLS does not start");
	return context;
}

/*
 * Adds the pair DIR/server-KIND.pem and .key.  Returns how many were added: 1,
 * or 0 when it is not there; -1 when it is no good, which is told to WHY.
 */
static int
add_pair(struct tls_context *context, const char *dir, const char *kind,
    struct buf *why)
{
	char *cert = xasprintf("%s/server-%s.pem", dir, kind);
	char *key = xasprintf("%s/server-%s.key", dir, kind);
	int rc = 0;

	if (access(cert, F_OK) == -1 && errno == ENOENT)
		goto out;
	rc = gnutls_certificate_set_x509_key_file(context->credentials, cert,
	    key, GNUTLS_X509_FMT_PEM);
	if (rc < 0) {
		buf_printf(why, "%scertificate %s with %s: %s",
		    why->size > 0 ? "; " : "", cert, key, gnutls_strerror(rc));
		rc = -1;
	} else {
		rc = 1;
	}
out:
	free(cert);
	free(key);
	return rc;
}

struct tls_context *
tls_server_context_why(const char *dir, struct buf *why)
{
	struct tls_context *context = new_context(true);
	int ecdsa = add_pair(context, dir, "ecdsa", why);
	int rsa = add_pair(context, dir, "rsa", why);

	if (ecdsa == 0 && rsa == 0)
		buf_printf(why, "no certificate in %s", dir);
	if (ecdsa < 0 || rsa < 0 || ecdsa + rsa == 0) {
		tls_context_free(context);
		return NULL;
	}
	if (gnutls_session_ticket_key_generate(&context->ticket_key) < 0)
		panic("GnuTLS has no random bytes");
	return context;
}

struct tls_context *
tls_server_context(const char *dir)
{
	struct buf why = BUF_INIT;
	struct tls_context *context = tls_server_context_why(dir, &why);

	if (context == NULL)
		log_failure("%s", why.data);
	buf_clear(&why);
	return context;
}

/* The end of the certificate at INDEX; -1 when there is none. */
static time_t
end_of(const struct tls_context *context, unsigned index)
{
	gnutls_x509_crt_t *chain = NULL;
	unsigned length = 0;
	time_t end = -1;

	if (gnutls_certificate_get_x509_crt(context->credentials, index, &chain,
		&length) < 0)
		return -1;
	if (length > 0)
		end = gnutls_x509_crt_get_expiration_time(chain[0]);
	for (unsigned i = 0; i < length; i++)
		gnutls_x509_crt_deinit(chain[i]);
	gnutls_free(chain);
	return end;
}

time_t
tls_context_end(const struct tls_context *context)
{
	time_t first = -1;

	for (unsigned i = 0;; i++) {
		time_t end = end_of(context, i);

		if (end == -1)
			return first;
		if (first == -1 || end < first)
			first = end;
	}
}

struct tls_stamp
tls_server_stamp(const char *dir)
{
	static const char *const names[TLS_FILES] = { "server-ecdsa.pem",
		"server-ecdsa.key", "server-rsa.pem", "server-rsa.key" };
	struct tls_stamp stamp;

	/* It will be compared byte by byte, with its holes. */
	memset(&stamp, 0, sizeof(stamp));
	for (size_t i = 0; i < TLS_FILES; i++) {
		char *path = xasprintf("%s/%s", dir, names[i]);
		struct stat st;

		if (stat(path, &st) == 0) {
			stamp.files[i].device = st.st_dev;
			stamp.files[i].inode = st.st_ino;
			stamp.files[i].size = st.st_size;
			stamp.files[i].changed = st.st_ctim;
		}
		free(path);
	}
	return stamp;
}

struct tls_context *
tls_client_context(const char *ca_file)
{
	struct tls_context *context = new_context(false);
	int n = ca_file == NULL
	    ? gnutls_certificate_set_x509_system_trust(context->credentials)
	    : gnutls_certificate_set_x509_trust_file(context->credentials,
		  ca_file, GNUTLS_X509_FMT_PEM);

	/* A file without any would make every peer a stranger. */
	if (n < 0 || (n == 0 && ca_file != NULL)) {
		log_failure("certificates of %s: %s",
		    ca_file == NULL ? "the system" : ca_file,
		    n == 0 ? "there are none" : gnutls_strerror(n));
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
