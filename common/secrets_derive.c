/*
 * secrets_derive.c - what a password becomes, and whether one is it.
 *
 * SCRAM (RFC 5802 3): SaltedPassword is PBKDF2; kept are only StoredKey, the
 * hash of ClientKey, and ServerKey, in the text form of RFC 5803.  Who steals
 * them must still guess the password at 4096 HMACs a try.  The secrets of the
 * MD5 mechanisms are in secrets_md5.c.
 */
#include "common/secrets.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/mem.h"
#include "common/secrets_md5.h"

enum {
	SALT_SIZE = 16,
	ITERATIONS = 4096, /* RFC 7677 4 */
	ITERATIONS_MAX = 1000000,
	KEY_MAX = 32,
	TEXT_MAX = 64, /* base64 of KEY_MAX, with room */
};

/* One row a mechanism. */
static const struct scram {
	const char *name;
	gnutls_mac_algorithm_t mac;
	gnutls_digest_algorithm_t hash;
	size_t size;
} sha256 = { "SCRAM-SHA-256", GNUTLS_MAC_SHA256, GNUTLS_DIG_SHA256, 32 },
  sha1 = { "SCRAM-SHA-1", GNUTLS_MAC_SHA1, GNUTLS_DIG_SHA1, 20 };

/* The keys that are kept, of scram->size bytes each. */
struct keys {
	unsigned char stored[KEY_MAX];
	unsigned char server[KEY_MAX];
};

struct salt {
	unsigned char data[KEY_MAX * 2];
	size_t size;
	unsigned iterations;
};

static int
gnutls_trouble(const char *what, int rc)
{
	return log_failure("%s: %s", what, gnutls_strerror(rc));
}

/*
 * The password as mechanisms hash it: SASLprep's successor OpaqueString (RFC
 * 8265) where it is UTF-8 that this allows, as it is where not.  The result
 * is the caller's to wipe and gnutls_free().
 */
static gnutls_datum_t
normalize(const char *password, size_t size)
{
	gnutls_datum_t out = { NULL, 0 };

	if (gnutls_utf8_password_normalize((const unsigned char *)password,
		(unsigned)size, &out, 0) == 0)
		return out;
	out.data = gnutls_malloc(size + 1);
	if (out.data == NULL)
		panic("out of memory");
	memcpy(out.data, password, size);
	out.data[size] = '\0';
	out.size = (unsigned)size;
	return out;
}

static void
wipe(gnutls_datum_t *password)
{
	explicit_bzero(password->data, password->size);
	gnutls_free(password->data);
}

/* RFC 5802 3: StoredKey and ServerKey. */
static int
derive_keys(const struct scram *scram, const gnutls_datum_t *password,
    const struct salt *salt, struct keys *keys)
{
	static const char client[] = "Client Key";
	static const char server[] = "Server Key";
	unsigned char salted[KEY_MAX];
	unsigned char client_key[KEY_MAX];
	unsigned char salt_data[sizeof(salt->data)];
	gnutls_datum_t salt_datum = { salt_data, (unsigned)salt->size };
	int rc;

	memcpy(salt_data, salt->data, sizeof(salt_data));
	memset(keys, 0, sizeof(*keys));
	rc = gnutls_pbkdf2(scram->mac, password, &salt_datum, salt->iterations,
	    salted, scram->size);
	if (rc == 0)
		rc = gnutls_hmac_fast(scram->mac, salted, scram->size, client,
		    strlen(client), client_key);
	if (rc == 0)
		rc = gnutls_hash_fast(scram->hash, client_key, scram->size,
		    keys->stored);
	if (rc == 0)
		rc = gnutls_hmac_fast(scram->mac, salted, scram->size, server,
		    strlen(server), keys->server);
	explicit_bzero(salted, sizeof(salted));
	explicit_bzero(client_key, sizeof(client_key));
	return rc == 0 ? 0 : gnutls_trouble(scram->name, rc);
}

static void
encode(const unsigned char *data, size_t size, char text[TEXT_MAX])
{
	unsigned char copy[KEY_MAX];
	gnutls_datum_t in = { copy, (unsigned)size };
	gnutls_datum_t out = { NULL, 0 };

	memcpy(copy, data, size);
	if (gnutls_base64_encode2(&in, &out) != 0)
		panic("base64");
	(void)copy_string(text, TEXT_MAX, (const char *)out.data);
	gnutls_free(out.data);
}

/* SCRAM-SHA-256$4096:SALT$STOREDKEY:SERVERKEY (RFC 5803 2) */
static int
derive_scram(const struct scram *scram, const gnutls_datum_t *password,
    char text[SCRAM_TEXT_MAX])
{
	struct salt salt = { .size = SALT_SIZE, .iterations = ITERATIONS };
	struct keys keys;
	char salt_text[TEXT_MAX];
	char stored[TEXT_MAX];
	char server[TEXT_MAX];
	int rc = gnutls_rnd(GNUTLS_RND_NONCE, salt.data, SALT_SIZE);
	int n;

	if (rc != 0)
		return gnutls_trouble("random bytes", rc);
	if (derive_keys(scram, password, &salt, &keys) == -1)
		return -1;
	encode(salt.data, salt.size, salt_text);
	encode(keys.stored, scram->size, stored);
	encode(keys.server, scram->size, server);
	n = snprintf(text, SCRAM_TEXT_MAX, "%s$%u:%s$%s:%s", scram->name,
	    salt.iterations, salt_text, stored, server);
	if (n < 0 || n >= SCRAM_TEXT_MAX)
		panic("a SCRAM secret is too long");
	explicit_bzero(&keys, sizeof(keys));
	return 0;
}

int
secret_derive(const char *login, const char *password, const char *realm,
    struct secret *out)
{
	gnutls_datum_t plain = normalize(password, strlen(password));
	int rc = 0;

	memset(out, 0, sizeof(*out));
	if (derive_scram(&sha256, &plain, out->scram_sha256) == -1 ||
	    derive_scram(&sha1, &plain, out->scram_sha1) == -1)
		rc = -1;
	if (realm != NULL)
		secret_derive_md5(login, &plain, realm, out);
	wipe(&plain);
	return rc;
}

/* Decodes TEXT up to END into at most SIZE bytes; 0 when it is none. */
static size_t
decode(const char *text, const char *end, unsigned char *to, size_t size)
{
	char copy[TEXT_MAX * 2];
	size_t length = (size_t)(end - text);
	gnutls_datum_t in = { (unsigned char *)copy, (unsigned)length };
	gnutls_datum_t out = { NULL, 0 };
	size_t decoded = 0;

	if (length == 0 || length >= sizeof(copy))
		return 0;
	memcpy(copy, text, length);
	if (gnutls_base64_decode2(&in, &out) != 0)
		return 0;
	if (out.size <= size) {
		memcpy(to, out.data, out.size);
		decoded = out.size;
	}
	gnutls_free(out.data);
	return decoded;
}

/* Reads the text of derive_scram(). */
static bool
parse_scram(const struct scram *scram, const char *text, struct salt *salt,
    unsigned char stored[KEY_MAX])
{
	size_t length = strlen(scram->name);
	const char *colon;
	const char *dollar;
	char *end;
	unsigned long iterations;

	if (strncmp(text, scram->name, length) != 0 || text[length] != '$')
		return false;
	iterations = strtoul(text + length + 1, &end, 10);
	if (*end != ':' || iterations < 1 || iterations > ITERATIONS_MAX)
		return false;
	dollar = strchr(end, '$');
	colon = dollar == NULL ? NULL : strchr(dollar, ':');
	if (colon == NULL)
		return false;
	salt->iterations = (unsigned)iterations;
	salt->size = decode(end + 1, dollar, salt->data, sizeof(salt->data));
	return salt->size > 0 &&
	    decode(dollar + 1, colon, stored, KEY_MAX) == scram->size;
}

bool
secret_verify(const struct secret *secret, const char *password, size_t size)
{
	struct salt salt = { .size = SALT_SIZE, .iterations = ITERATIONS };
	unsigned char stored[KEY_MAX] = { 0 };
	bool known = secret != NULL &&
	    parse_scram(&sha256, secret->scram_sha256, &salt, stored);
	gnutls_datum_t plain = normalize(password, size);
	struct keys keys;
	bool same = false;

	/* HMAC pads its key with NULs: "pencil" would be "pencil\0" too. */
	known = known && memchr(password, '\0', size) == NULL;
	if (derive_keys(&sha256, &plain, &salt, &keys) == 0)
		same = gnutls_memcmp(keys.stored, stored, sha256.size) == 0;
	wipe(&plain);
	explicit_bzero(&keys, sizeof(keys));
	return same && known;
}
