/*
 * dialog_functions.c - base64, MD5, CRAM-MD5, SCRAM-SHA-256 and repeat.
 *
 * The mechanisms are written out here, from their RFCs, so that the server's
 * answers are compared with something that is not Cyrus SASL.
 */
#include "labs/dialog_functions.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/auth.h"

enum {
	MD5_SIZE = 16,
	SHA256_SIZE = 32,
	WORDS_MAX = 4,
	REPEAT_MAX = 100 * 1000 * 1000,
};

static bool
base64(const struct buf *argument, struct buf *to, const char **why)
{
	(void)why;
	auth_base64_encode(argument->data, argument->size, to);
	return true;
}

static bool
unbase64(const struct buf *argument, struct buf *to, const char **why)
{
	*why = "this is no base64";
	return auth_base64_decode(argument->data, to);
}

static bool
repeat(const struct buf *argument, struct buf *to, const char **why)
{
	char *text;
	long count = strtol(argument->data, &text, 10);

	*why = "it wants a count, a blank and a text";
	if (*text != ' ' || count < 0)
		return false;
	size_t size = (size_t)(argument->data + argument->size - ++text);
	*why = "that is too much";
	if (size > 0 && (size_t)count > REPEAT_MAX / size)
		return false;
	for (long i = 0; i < count; i++)
		buf_add(to, text, size);
	return true;
}

static void
add_hex(const unsigned char *bytes, size_t size, struct buf *to)
{
	for (size_t i = 0; i < size; i++)
		buf_printf(to, "%02x", bytes[i]);
}

/* What APOP (RFC 1939 7) wants of timestamp and secret. */
static bool
md5(const struct buf *argument, struct buf *to, const char **why)
{
	unsigned char digest[MD5_SIZE];

	*why = "MD5 is not available";
	if (gnutls_hash_fast(GNUTLS_DIG_MD5, argument->data, argument->size,
		digest) < 0)
		return false;
	add_hex(digest, sizeof(digest), to);
	return true;
}

/*
 * Cuts TEXT at blanks into COUNT words; the second, the password, may contain
 * blanks itself.
 */
static bool
cut_words(char *text, char *words[], size_t count)
{
	words[0] = text;
	text = strchr(text, ' ');
	if (text == NULL)
		return false;
	*text++ = '\0';
	words[1] = text;
	for (size_t i = count - 1; i >= 2; i--) {
		char *blank = strrchr(text, ' ');

		if (blank == NULL)
			return false;
		*blank = '\0';
		words[i] = blank + 1;
	}
	return true;
}

/* RFC 2195 2: base64(user SP hex(HMAC-MD5(password, challenge))) */
static bool
cram_md5(char *words[], const struct buf *challenge, struct buf *to)
{
	unsigned char digest[MD5_SIZE];
	struct buf answer = BUF_INIT;

	if (gnutls_hmac_fast(GNUTLS_MAC_MD5, words[1], strlen(words[1]),
		challenge->data, challenge->size, digest) < 0)
		return false;
	buf_printf(&answer, "%s ", words[0]);
	add_hex(digest, sizeof(digest), &answer);
	auth_base64_encode(answer.data, answer.size, to);
	buf_clear(&answer);
	return true;
}

/* The attribute C of a SCRAM message: the text behind "C=", its size. */
static const char *
attribute(const char *message, char c, size_t *size)
{
	while (*message != '\0') {
		if (message[0] == c && message[1] == '=') {
			*size = strcspn(message + 2, ",");
			return message + 2;
		}
		message += strcspn(message, ",");
		message += *message == ',';
	}
	*size = 0;
	return NULL;
}

static bool
hmac_sha256(const unsigned char *key, const char *data, size_t size,
    unsigned char *out)
{
	return gnutls_hmac_fast(GNUTLS_MAC_SHA256, key, SHA256_SIZE, data, size,
		   out) == 0;
}

/* SaltedPassword := Hi(Normalize(password), salt, i), RFC 5802 3 */
static bool
salt_password(const char *password, const char *server_first,
    unsigned char *out)
{
	size_t salt_size;
	size_t count_size;
	const char *salt = attribute(server_first, 's', &salt_size);
	const char *count = attribute(server_first, 'i', &count_size);
	struct buf bytes = BUF_INIT;
	bool done = false;

	if (salt == NULL || count == NULL)
		return false;
	char *copy = strndup(salt, salt_size);
	if (copy != NULL && auth_base64_decode(copy, &bytes)) {
		gnutls_datum_t key = { .size = (unsigned)strlen(password) };
		gnutls_datum_t salting = { .size = (unsigned)bytes.size };
		struct buf secret = BUF_INIT;

		buf_addstr(&secret, password);
		key.data = (unsigned char *)secret.data;
		salting.data = (unsigned char *)bytes.data;
		done = gnutls_pbkdf2(GNUTLS_MAC_SHA256, &key, &salting,
			   (unsigned)strtoul(count, NULL, 10), out,
			   SHA256_SIZE) == 0;
		buf_clear(&secret);
	}
	free(copy);
	buf_clear(&bytes);
	return done;
}

/*
 * AuthMessage := client-first-message-bare "," server-first-message ","
 *                client-final-message-without-proof
 * The last of these is also put into FINAL.
 */
static bool
auth_message(char *words[], const struct buf *server_first, struct buf *final,
    struct buf *message)
{
	size_t size;
	const char *nonce = attribute(server_first->data, 'r', &size);

	if (nonce == NULL)
		return false;
	buf_printf(final, "c=biws,r=%.*s", (int)size, nonce);
	buf_printf(message, "n=%s,r=%s,%s,%s", words[0], words[2],
	    server_first->data, final->data);
	return true;
}

/* ClientProof := ClientKey XOR HMAC(H(ClientKey), AuthMessage) */
static bool
client_proof(const unsigned char *salted, const struct buf *message,
    unsigned char *proof)
{
	unsigned char key[SHA256_SIZE];
	unsigned char stored[SHA256_SIZE];

	if (!hmac_sha256(salted, "Client Key", 10, key) ||
	    gnutls_hash_fast(GNUTLS_DIG_SHA256, key, sizeof(key), stored) < 0 ||
	    !hmac_sha256(stored, message->data, message->size, proof))
		return false;
	for (size_t i = 0; i < SHA256_SIZE; i++)
		proof[i] ^= key[i];
	return true;
}

static bool
scram_client(char *words[], const struct buf *challenge, struct buf *to)
{
	unsigned char salted[SHA256_SIZE];
	unsigned char proof[SHA256_SIZE];
	struct buf final = BUF_INIT;
	struct buf message = BUF_INIT;
	bool done = salt_password(words[1], challenge->data, salted) &&
	    auth_message(words, challenge, &final, &message) &&
	    client_proof(salted, &message, proof);

	if (done) {
		buf_addstr(&final, ",p=");
		auth_base64_encode(proof, sizeof(proof), &final);
		auth_base64_encode(final.data, final.size, to);
	}
	buf_clear(&final);
	buf_clear(&message);
	return done;
}

/* ServerSignature := HMAC(HMAC(SaltedPassword, "Server Key"), AuthMessage) */
static bool
scram_server(char *words[], const struct buf *challenge, struct buf *to)
{
	unsigned char salted[SHA256_SIZE];
	unsigned char key[SHA256_SIZE];
	unsigned char signature[SHA256_SIZE];
	struct buf final = BUF_INIT;
	struct buf message = BUF_INIT;
	bool done = salt_password(words[1], challenge->data, salted) &&
	    auth_message(words, challenge, &final, &message) &&
	    hmac_sha256(salted, "Server Key", 10, key) &&
	    hmac_sha256(key, message.data, message.size, signature);

	buf_reset(&final);
	if (done) {
		buf_addstr(&final, "v=");
		auth_base64_encode(signature, sizeof(signature), &final);
		auth_base64_encode(final.data, final.size, to);
	}
	buf_clear(&final);
	buf_clear(&message);
	return done;
}

/* Of a text: ARGUMENT is taken as it is. */
static const struct {
	const char *name;
	bool (
	    *run)(const struct buf *argument, struct buf *to, const char **why);
} of_text[] = {
	{ "base64", base64 },
	{ "unbase64", unbase64 },
	{ "md5", md5 },
	{ "repeat", repeat },
};

/* Of words: user, password ... and the server's challenge in base64. */
static const struct {
	const char *name;
	size_t count;
	bool (*run)(char *words[], const struct buf *challenge, struct buf *to);
} of_words[] = {
	{ "cram-md5", 3, cram_md5 },
	{ "scram-sha-256", 4, scram_client },
	{ "scram-sha-256-server", 4, scram_server },
};

static bool
run_of_words(size_t i, const struct buf *argument, struct buf *to,
    const char **why)
{
	char *words[WORDS_MAX];
	struct buf challenge = BUF_INIT;
	char *copy = xstrdup(argument->data);
	bool done = false;

	*why = "it wants user, password, challenge (docs/DIALOGS.md)";
	if (cut_words(copy, words, of_words[i].count)) {
		*why = "the challenge is not what the mechanism sends";
		done = auth_base64_decode(words[of_words[i].count - 1],
			   &challenge) &&
		    of_words[i].run(words, &challenge, to);
	}
	free(copy);
	buf_clear(&challenge);
	return done;
}

static bool
is_name(const char *candidate, const char *name, size_t size)
{
	return strlen(candidate) == size && memcmp(candidate, name, size) == 0;
}

bool
dialog_function(const char *name, size_t size, const struct buf *argument,
    struct buf *to, const char **why)
{
	for (size_t i = 0; i < COUNT(of_text); i++) {
		if (is_name(of_text[i].name, name, size))
			return of_text[i].run(argument, to, why);
	}
	for (size_t i = 0; i < COUNT(of_words); i++) {
		if (is_name(of_words[i].name, name, size))
			return run_of_words(i, argument, to, why);
	}
	*why = "there is no such function";
	return false;
}
