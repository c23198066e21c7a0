/*
 * render_crypto.c - signed and encrypted parts named (RFC 1847, 3156, 8551).
 */
#include "mua/render_crypto.h"

#include "mua/render.h"

#include <gnutls/pkcs7.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *protocol;
	const char *name;
} protocols[] = {
	/* clang-format off */
	{ "application/pgp-signature", "PGP (RFC 3156)" },
	{ "application/pgp-encrypted", "PGP (RFC 3156)" },
	{ "application/pkcs7-signature", "S/MIME (RFC 8551)" },
	{ "application/x-pkcs7-signature", "S/MIME (RFC 8551)" },
	/* clang-format on */
};

/* "PGP (RFC 3156)", or what the protocol calls itself. */
static void
add_protocol(const struct message *message, size_t i, struct buf *to)
{
	char *protocol = message_parameter(message, i, "protocol");

	for (size_t j = 0; protocol != NULL && j < COUNT(protocols); j++) {
		if (strcasecmp(protocol, protocols[j].protocol) != 0)
			continue;
		buf_addstr(to, protocols[j].name);
		free(protocol);
		return;
	}
	if (protocol == NULL)
		buf_addstr(to, "a protocol it does not name");
	else
		buf_printf(to, "\"%.60s\"", protocol);
	free(protocol);
}

/* The parts directly within I: how many, and the first two. */
static size_t
find_children(const struct message *message, size_t i, size_t children[2])
{
	size_t end = render_part_end(message, i);
	size_t count = 0;

	for (size_t j = i + 1; j < end; j = render_part_end(message, j)) {
		if (count < 2)
			children[count] = j;
		count++;
	}
	return count;
}

static void
name_signed(const struct message *message, size_t i, struct buf *to)
{
	size_t children[2];
	size_t count = find_children(message, i, children);

	buf_addstr(to, "Signed with ");
	add_protocol(message, i, to);
	if (count != 2)
		buf_addstr(to,
		    ", but it should have two parts: what is "
		    "signed, and the signature");
	else if (children[0] + 1 == children[1])
		buf_printf(to, ": part %zu, by the signature in part %zu",
		    children[0] + 1, children[1] + 1);
	else
		buf_printf(to,
		    ": parts %zu to %zu, by the signature in part %zu",
		    children[0] + 1, children[1], children[1] + 1);
	buf_addstr(to, "; not checked");
}

static void
name_encrypted(const struct message *message, size_t i, struct buf *to)
{
	size_t children[2];
	size_t count = find_children(message, i, children);

	buf_addstr(to, "Encrypted with ");
	add_protocol(message, i, to);
	if (count == 2)
		buf_printf(to,
		    ": who has the key can read part %zu; v saves it",
		    children[1] + 1);
	else
		buf_addstr(to,
		    ", but it should have two parts: how, and "
		    "what");
}

static enum crypto
name_pkcs7(const struct message *message, size_t i, struct buf *to)
{
	char *kind = message_parameter(message, i, "smime-type");
	enum crypto crypto = CRYPTO_ENCRYPTED;

	if (kind != NULL && strcasecmp(kind, "signed-data") == 0) {
		crypto = CRYPTO_WRAPPED;
		buf_addstr(to,
		    "Signed with S/MIME (RFC 8551), the text within "
		    "the signature; not checked");
	} else if (kind != NULL && strcasecmp(kind, "certs-only") == 0) {
		buf_addstr(to, "Certificates for S/MIME (RFC 8551)");
	} else if (kind != NULL && strcasecmp(kind, "compressed-data") == 0) {
		buf_addstr(to, "Compressed by S/MIME (RFC 8551)");
	} else {
		buf_printf(to,
		    "Encrypted with S/MIME (RFC 8551): who has the key can "
		    "read part %zu; v saves it",
		    i + 1);
	}
	free(kind);
	return crypto;
}

enum crypto
crypto_name(const struct message *message, size_t i, struct buf *to)
{
	const char *type = message_part(message, i)->type;

	if (strcmp(type, "multipart/signed") == 0) {
		name_signed(message, i, to);
		return CRYPTO_SIGNED;
	}
	if (strcmp(type, "multipart/encrypted") == 0) {
		name_encrypted(message, i, to);
		return CRYPTO_ENCRYPTED;
	}
	if (strcmp(type, "application/pkcs7-mime") == 0 ||
	    strcmp(type, "application/x-pkcs7-mime") == 0)
		return name_pkcs7(message, i, to);
	return CRYPTO_NONE;
}

/* LINE at the start of a line of TEXT. */
static bool
has_line(const char *text, const char *line)
{
	for (const char *at = strstr(text, line); at != NULL;
	     at = strstr(at + 1, line))
		if (at == text || at[-1] == '\n')
			return true;
	return false;
}

enum crypto
crypto_name_text(const char *text, struct buf *to)
{
	if (has_line(text, "-----BEGIN PGP MESSAGE-----")) {
		buf_addstr(to,
		    "Encrypted with PGP, within the text (RFC "
		    "9580): who has the key can read it");
		return CRYPTO_ENCRYPTED;
	}
	if (has_line(text, "-----BEGIN PGP SIGNED MESSAGE-----")) {
		buf_addstr(to,
		    "Signed with PGP, within the text (RFC 9580 7); "
		    "not checked");
		return CRYPTO_SIGNED;
	}
	if (has_line(text, "-----BEGIN PGP PUBLIC KEY BLOCK-----"))
		buf_addstr(to, "A PGP key is in the text");
	return CRYPTO_NONE;
}

bool
crypto_unwrap(const struct buf *content, struct buf *to)
{
	gnutls_datum_t der = {
		.data = (unsigned char *)content->data,
		.size = (unsigned)content->size,
	};
	gnutls_datum_t inner = { 0 };
	gnutls_pkcs7_t pkcs7;
	bool good;

	if (gnutls_pkcs7_init(&pkcs7) < 0)
		return false;
	good = gnutls_pkcs7_import(pkcs7, &der, GNUTLS_X509_FMT_DER) == 0 &&
	    gnutls_pkcs7_get_embedded_data(pkcs7, 0, &inner) == 0;
	if (good) {
		buf_add(to, inner.data, inner.size);
		gnutls_free(inner.data);
	}
	gnutls_pkcs7_deinit(pkcs7);
	return good;
}
