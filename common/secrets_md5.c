/*
 * secrets_md5.c - what a password becomes for the mechanisms of old.
 *
 * CRAM-MD5 (RFC 2195): kept is the state of HMAC-MD5 after the two pad blocks.
 * DIGEST-MD5 (RFC 2831): kept is H(A1), MD5(user ":" realm ":" password).
 * Each is as good as the password for its mechanism, and one MD5 a guess: hence
 * only where auth.teaching wants it.
 */
#include "common/secrets_md5.h"

#include <nettle/md5.h>
#include <stdint.h>
#include <string.h>

/* The state after one block of KEY with PAD, most significant byte first. */
static void
pad_state(const unsigned char key[MD5_BLOCK_SIZE], unsigned char pad,
    unsigned char state[CRAM_STATE_SIZE / 2])
{
	unsigned char block[MD5_BLOCK_SIZE];
	struct md5_ctx md5;

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = key[i] ^ pad;
	md5_init(&md5);
	md5_update(&md5, sizeof(block), block);
	for (size_t i = 0; i < 4; i++) {
		for (size_t j = 0; j < 4; j++)
			state[4 * i + j] =
			    (unsigned char)(md5.state[i] >> (24 - 8 * j));
	}
	explicit_bzero(block, sizeof(block));
	explicit_bzero(&md5, sizeof(md5));
}

/*
 * HMAC's two inner states (RFC 2104 4), as Cyrus SASL keeps an
 * HMAC_MD5_STATE: istate, then ostate, its 32-bit words in network byte order.
 */
static void
derive_cram(const gnutls_datum_t *password,
    unsigned char state[CRAM_STATE_SIZE])
{
	unsigned char key[MD5_BLOCK_SIZE] = { 0 };
	struct md5_ctx md5;

	if (password->size > sizeof(key)) {
		md5_init(&md5);
		md5_update(&md5, password->size, password->data);
		md5_digest(&md5, MD5_DIGEST_SIZE, key);
	} else {
		memcpy(key, password->data, password->size);
	}
	pad_state(key, 0x36, state);
	pad_state(key, 0x5c, state + CRAM_STATE_SIZE / 2);
	explicit_bzero(key, sizeof(key));
}

/*
 * Whether TEXT is UTF-8 of Latin-1 letters only, which is hashed as Latin-1
 * (RFC 2831 2.1.2.1); name, realm and password each on its own, as the RFC's
 * own code does it and all peers after it.
 */
static bool
is_latin_1(const unsigned char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (text[i] < 0x80)
			continue;
		if (text[i] < 0xC2 || text[i] > 0xC3 || i + 1 == size ||
		    (text[i + 1] & 0xC0) != 0x80)
			return false;
		i++;
	}
	return true;
}

static void
hash_text(struct md5_ctx *md5, const unsigned char *text, size_t size)
{
	if (!is_latin_1(text, size)) {
		md5_update(md5, size, text);
		return;
	}
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = text[i];

		if (byte >= 0x80)
			byte = (unsigned char)((byte & 3) << 6 |
			    (text[++i] & 0x3F));
		md5_update(md5, 1, &byte);
	}
}

/* H({ username ":" realm ":" password }), the first SIZE bytes of USER. */
static void
derive_digest(const char *user, size_t size, const char *realm,
    const gnutls_datum_t *password, unsigned char digest[DIGEST_SIZE])
{
	static const uint8_t colon[] = { ':' };
	struct md5_ctx md5;

	md5_init(&md5);
	hash_text(&md5, (const unsigned char *)user, size);
	md5_update(&md5, 1, colon);
	hash_text(&md5, (const unsigned char *)realm, strlen(realm));
	md5_update(&md5, 1, colon);
	hash_text(&md5, password->data, password->size);
	md5_digest(&md5, DIGEST_SIZE, digest);
}

void
secret_derive_md5(const char *login, const gnutls_datum_t *password,
    const char *realm, struct secret *out)
{
	const char *at = strrchr(login, '@');
	size_t length = strlen(login);
	size_t local = at == NULL ? length : (size_t)(at - login);

	derive_cram(password, out->cram_md5);
	out->has_cram_md5 = true;
	derive_digest(login, local, realm, password, out->digest_md5[0]);
	derive_digest(login, length, realm, password, out->digest_md5[1]);
	out->has_digest_md5 = true;
}
