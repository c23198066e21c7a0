/*
 * secrets.h - the password store: secrets.sqlite, mode 0600.
 *
 * Opened by the auth helper and the postlab command alone.  Never a clear
 * password: SCRAM-SHA-256 and SCRAM-SHA-1 keys (RFC 5803 text, 16 random bytes
 * of salt, 4096 iterations) serve SCRAM, PLAIN and LOGIN; with auth.teaching
 * also the pre-keyed HMAC-MD5 state of RFC 2195 (32 bytes, as Cyrus SASL's
 * cmusaslsecretCRAM-MD5) and the H(A1) of RFC 2831 (16 bytes, as its
 * cmusaslsecretDIGEST-MD5).  What APOP needs is another's: secrets_apop.h.
 */
#ifndef COMMON_SECRETS_H
#define COMMON_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

enum {
	SCRAM_TEXT_MAX = 160,
	CRAM_STATE_SIZE = 32,
	DIGEST_SIZE = 16,
	DIGEST_FORMS = 8,      /* of a name, see secret_digest_name() */
	DIGEST_FORMS_ONCE = 2, /* the first ones: all that a store has kept */
	SALT_KEY_SIZE = 32,
};

struct secret {
	/* SCRAM-SHA-256$4096:SALT$STOREDKEY:SERVERKEY, in base64 */
	char scram_sha256[SCRAM_TEXT_MAX];
	char scram_sha1[SCRAM_TEXT_MAX];
	unsigned char cram_md5[CRAM_STATE_SIZE];
	bool has_cram_md5;
	/*
	 * DIGEST-MD5 hashes the name as it is typed: one for each of its
	 * forms, of which those from digest_forms on are not there.
	 */
	unsigned char digest_md5[DIGEST_FORMS][DIGEST_SIZE];
	int digest_forms;
	bool has_digest_md5;
};

struct secrets;

/* For writing it brings a store of an earlier version up to date. */
struct secrets *secrets_open(bool write);
void secrets_close(struct secrets *secrets);
int secrets_create(void);

/* LOGIN is user@domain in lower case.  1 found, 0 not, -1 trouble (logged). */
int secrets_find(struct secrets *s, const char *login, struct secret *out);

/*
 * Stores what the password becomes.  With REALM, which DIGEST-MD5 names to its
 * clients (server.domain), the MD5 secrets too; NULL without auth.teaching.
 * 0 or -1.
 */
int secrets_set(struct secrets *s, const char *login, const char *password,
    const char *realm);
int secrets_delete(struct secrets *s, const char *login);

/*
 * How people type LOGIN, by number: "alice", "alice@campus.example", "Alice",
 * "ALICE", "Alice@campus.example", "ALICE@campus.example",
 * "Alice@Campus.Example", "ALICE@CAMPUS.EXAMPLE".  Into NAME, SIZE bytes, cut.
 */
void secret_digest_name(const char *login, int form, char *name, size_t size);

/* Derives all of it from PASSWORD with fresh salts; REALM as above. */
int secret_derive(const char *login, const char *password, const char *realm,
    struct secret *out);

/*
 * The store's own random key, made by secrets_create(): the salts that unknown
 * users are shown come from it, so that they stay the same for ever and in
 * every program, as real ones do.  0 or -1.
 */
int secrets_salt_key(struct secrets *s, unsigned char key[SALT_KEY_SIZE]);

/*
 * Whether PASSWORD is the one SECRET was made from.  Takes the same time
 * whatever the answer; with SECRET NULL works on a dummy and says no, so an
 * unknown user costs what a wrong password costs.
 */
bool secret_verify(const struct secret *secret, const char *password,
    size_t size);

#endif
