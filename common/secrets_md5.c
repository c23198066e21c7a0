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

#include "common/address.h"
#include "common/mem.h"

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

enum letters { SMALL, FIRST, CAPITAL, NONE };

/* Of the name's two parts; the order is kept in stores. */
static const struct {
	enum letters local;
	enum letters domain;
} forms[DIGEST_FORMS] = {
	{ SMALL, NONE },
	{ SMALL, SMALL },
	{ FIRST, NONE },
	{ CAPITAL, NONE },
	{ FIRST, SMALL },
	{ CAPITAL, SMALL },
	{ FIRST, FIRST },
	{ CAPITAL, CAPITAL },
};

/* ASCII only, as logins are lowered; FIRST ones are those of a word. */
static void
set_letters(char *text, size_t size, enum letters letters)
{
	bool inside = false;

	for (size_t i = 0; i < size; i++) {
		bool is_letter = text[i] >= 'a' && text[i] <= 'z';

		if (is_letter &&
		    (letters == CAPITAL || (letters == FIRST && !inside)))
			text[i] = (char)(text[i] - 'a' + 'A');
		inside = is_letter;
	}
}

void
secret_digest_name(const char *login, int form, char *name, size_t size)
{
	const char *at = strrchr(login, '@');
	size_t local = at == NULL ? strlen(login) : (size_t)(at - login);

	(void)copy_string(name, size, login);
	if (local >= size)
		return;
	if (forms[form].domain == NONE)
		name[local] = '\0';
	set_letters(name, local, forms[form].local);
	set_letters(name + local, strlen(name + local), forms[form].domain);
}

void
secret_derive_md5(const char *login, const gnutls_datum_t *password,
    const char *realm, struct secret *out)
{
	char name[ADDRESS_TEXT_MAX];

	derive_cram(password, out->cram_md5);
	out->has_cram_md5 = true;
	for (int i = 0; i < DIGEST_FORMS; i++) {
		secret_digest_name(login, i, name, sizeof(name));
		derive_digest(name, strlen(name), realm, password,
		    out->digest_md5[i]);
	}
	out->digest_forms = DIGEST_FORMS;
	out->has_digest_md5 = true;
}
