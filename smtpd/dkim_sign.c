/*
 * dkim_sign.c - what is signed, and how.
 *
 * Signed is what a reader sees or his program goes by (RFC 6376 5.4.1), and
 * not what is changed or added on the way: Received, Return-Path.  From is
 * named once more than there are fields, so that nobody can add a second one;
 * the algorithm is that of the key.
 */
#include "smtpd/dkim_sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <opendkim/dkim.h>

#include "common/dkim_store.h"
#include "common/log.h"
#include "smtpd/author.h"
#include "smtpd/dkim_feed.h"

/* Not const themselves: so the library wants them. */
static const char *signed_fields[] = { "From", "Sender", "Reply-To", "Subject",
	"Date", "Message-ID", "To", "Cc", "MIME-Version", "Content-Type",
	"Content-Transfer-Encoding", "Content-Disposition", "Content-ID",
	"Content-Description", "Resent-Date", "Resent-From", "Resent-Sender",
	"Resent-To", "Resent-Cc", "Resent-Message-ID", "In-Reply-To",
	"References", "List-Id", "List-Help", "List-Unsubscribe",
	"List-Unsubscribe-Post", "List-Subscribe", "List-Post", "List-Owner",
	"List-Archive", NULL };
static const char *oversigned_fields[] = { "From", NULL };

static bool
set_list(DKIM_LIB *library, dkim_opts_t option, const char **names)
{
	return dkim_options(library, DKIM_OP_SETOPT, option, names,
		   sizeof(names)) == DKIM_STAT_OK;
}

struct dkim_lib *
dkim_sign_open(void)
{
	DKIM_LIB *library = dkim_init(NULL, NULL);

	if (library != NULL &&
	    set_list(library, DKIM_OPTS_SIGNHDRS, signed_fields) &&
	    set_list(library, DKIM_OPTS_OVERSIGNHDRS, oversigned_fields))
		return library;
	log_failure("libopendkim cannot start");
	return NULL;
}

/* The author, found as the message goes by. */
struct author {
	char domain[DOMAIN_MAX + 1];
	int fields;
};

static bool
look(void *arg, const char *field, size_t name_size, size_t size)
{
	struct author *author = arg;
	const char *colon = memchr(field, ':', size);

	if (!dkim_field_is(field, name_size, "From"))
		return true;
	author->fields++;
	if (!author_domain(colon + 1, size - (size_t)(colon + 1 - field),
		author->domain))
		author->domain[0] = '\0';
	return true;
}

/* DKIM_SIGN_..., or DKIM_SIGN_UNKNOWN. */
static dkim_alg_t
algorithm_of(const struct dkim_key *key)
{
	const gnutls_datum_t pem = {
		.data = (unsigned char *)key->pem,
		.size = (unsigned)strlen(key->pem),
	};
	gnutls_x509_privkey_t private;
	dkim_alg_t algorithm = DKIM_SIGN_UNKNOWN;

	if (gnutls_x509_privkey_init(&private) != GNUTLS_E_SUCCESS)
		return algorithm;
	if (gnutls_x509_privkey_import(private, &pem, GNUTLS_X509_FMT_PEM) ==
	    GNUTLS_E_SUCCESS) {
		int kind = gnutls_x509_privkey_get_pk_algorithm(private);

		if (kind == GNUTLS_PK_RSA)
			algorithm = DKIM_SIGN_RSASHA256;
		else if (kind == GNUTLS_PK_EDDSA_ED25519)
			algorithm = DKIM_SIGN_ED25519SHA256;
	}
	gnutls_x509_privkey_deinit(private);
	return algorithm;
}

/* A field that ends in LF; the library's line ends have a CR each. */
static int
add_field(DKIM *dkim, struct buf *to)
{
	static const char name[] = "DKIM-Signature: ";
	unsigned char *text;
	size_t size;

	if (dkim_getsighdr_d(dkim, strlen(name), &text, &size) != DKIM_STAT_OK)
		return -1;
	buf_addstr(to, name);
	for (size_t i = 0; i < size; i++)
		if (text[i] != '\r')
			buf_addchar(to, (char)text[i]);
	buf_addchar(to, '\n');
	return 0;
}

static int
complain(const char *domain, const struct dkim_key *key, const char *why)
{
	return log_failure("the key %s of %s cannot sign: %s", key->selector,
	    log_safe(domain), why == NULL ? "unknown" : log_safe(why));
}

/* Who signs what. */
struct task {
	struct dkim_lib *library;
	const char *domain;
	const char *author;
	int fd;
};

/* One signature.  1 when the message is not the author's. */
static int
sign(const struct task *task, const struct dkim_key *key, struct buf *to)
{
	struct author author = { .fields = 0 };
	dkim_alg_t algorithm = algorithm_of(key);
	DKIM_STAT status = DKIM_STAT_INVALID;
	int rc;
	DKIM *dkim;

	if (algorithm == DKIM_SIGN_UNKNOWN)
		return complain(task->domain, key, "neither RSA nor Ed25519");
	dkim = dkim_sign(task->library, (const unsigned char *)"postlab", NULL,
	    (dkim_sigkey_t)key->pem, (const unsigned char *)key->selector,
	    (const unsigned char *)task->domain, DKIM_CANON_RELAXED,
	    DKIM_CANON_RELAXED, algorithm, -1, &status);
	if (dkim == NULL)
		return complain(task->domain, key, dkim_getresultstr(status));
	rc = dkim_feed(&(struct dkim_feed){ .dkim = dkim,
			   .look = look,
			   .arg = &author },
	    task->fd, &status);
	if (rc == 0 &&
	    (author.fields != 1 ||
		strcasecmp(author.domain, task->author) != 0))
		rc = 1;
	else if (rc == 0 &&
	    (status != DKIM_STAT_OK || add_field(dkim, to) == -1))
		rc = complain(task->domain, key, dkim_geterror(dkim));
	dkim_free(dkim);
	return rc;
}

int
dkim_sign_message(struct dkim_lib *library, const char *domain,
    const char *author, int fd, struct buf *to)
{
	const struct task task = { library, domain, author, fd };
	struct dkim_keys keys;
	int rc = dkim_store_read(domain, &keys);

	for (size_t i = 0; i < keys.count && rc == 0; i++)
		rc = sign(&task, &keys.list[i], to);
	dkim_keys_clear(&keys);
	return rc == -1 ? -1 : 0;
}
