/*
 * auth_account.c - what the stores say of a name that is trying to log in.
 *
 * Both stores are asked for every name, known or not, so that the time taken
 * is the same.  What stands in for a secret is HMAC-SHA-256 of the canonical
 * name under a key nobody else has.
 */
#include "common/auth_account.h"

#include <ctype.h>
#include <nettle/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/auth.h"
#include "common/buf.h"

enum {
	SALT_SIZE = 16,
	ITERATIONS = 4096,
};

struct account_store {
	struct directory *directory;
	struct secrets *secrets;
	char *default_domain;
	unsigned char key[SALT_KEY_SIZE];
};

/* HMAC-SHA-256(key, PURPOSE NUL NAME), SHA256_DIGEST_SIZE bytes. */
static void
derive(const struct account_store *store, const char *purpose, const char *name,
    void *out)
{
	struct hmac_sha256_ctx context;

	hmac_sha256_set_key(&context, sizeof(store->key), store->key);
	hmac_sha256_update(&context, strlen(purpose) + 1,
	    (const uint8_t *)purpose);
	hmac_sha256_update(&context, strlen(name), (const uint8_t *)name);
	hmac_sha256_digest(&context, SHA256_DIGEST_SIZE, out);
}

/* RFC 5803 text with keys of SIZE bytes that no password leads to. */
static void
invent_scram(const struct account_store *store, const char *mechanism,
    size_t size, const char *name, char text[SCRAM_TEXT_MAX])
{
	unsigned char salt[SHA256_DIGEST_SIZE];
	unsigned char key[SHA256_DIGEST_SIZE];
	struct buf line = BUF_INIT;

	/* One salt for both hashes would be a difference to real ones. */
	derive(store, mechanism, name, salt);
	derive(store, "key", name, key);
	buf_printf(&line, "%s$%d:", mechanism, ITERATIONS);
	auth_base64_encode(salt, SALT_SIZE, &line);
	buf_addchar(&line, '$');
	auth_base64_encode(key, size, &line);
	buf_addchar(&line, ':');
	auth_base64_encode(key, size, &line);
	copy_string(text, SCRAM_TEXT_MAX, line.data);
	buf_clear(&line);
}

/* A secret for NAME that nobody knows. */
static void
invent_secret(const struct account_store *store, const char *name,
    struct secret *secret)
{
	unsigned char digest[SHA256_DIGEST_SIZE];

	invent_scram(store, "SCRAM-SHA-256", SHA256_DIGEST_SIZE, name,
	    secret->scram_sha256);
	invent_scram(store, "SCRAM-SHA-1", SHA1_DIGEST_SIZE, name,
	    secret->scram_sha1);
	derive(store, "CRAM-MD5", name, secret->cram_md5);
	secret->has_cram_md5 = true;
	for (int i = 0; i < DIGEST_FORMS; i++) {
		char purpose[32];

		snprintf(purpose, sizeof(purpose), "DIGEST-MD5 %d", i);
		derive(store, purpose, name, digest);
		memcpy(secret->digest_md5[i], digest, DIGEST_SIZE);
	}
	secret->has_digest_md5 = true;
}

/*
 * A disabled account shows the salts it always showed, and has no keys: the
 * text up to the second '$' is kept, the keys are those of the invented one.
 */
static void
take_keys_away(char *text, const char *invented)
{
	char *keys = strrchr(text, '$');
	const char *other = strrchr(invented, '$');

	if (keys != NULL && strlen(keys) == strlen(other))
		memcpy(keys, other, strlen(other));
}

/* Those MD5 secrets that there are not, or DISABLED, are invented ones. */
static void
take_md5(struct secret *secret, const struct secret *invented, bool disabled)
{
	if (disabled || !secret->has_cram_md5)
		memcpy(secret->cram_md5, invented->cram_md5,
		    sizeof(secret->cram_md5));
	for (int i = 0; i < DIGEST_FORMS; i++)
		if (disabled || i >= secret->digest_forms)
			memcpy(secret->digest_md5[i], invented->digest_md5[i],
			    DIGEST_SIZE);
	secret->has_cram_md5 = true;
	secret->has_digest_md5 = true;
}

/* NAME as logins are stored: lower case, with a domain.  False: it is none. */
static bool
make_canonical(const struct account_store *store, const char *name, size_t size,
    char login[ADDRESS_TEXT_MAX])
{
	struct buf text = BUF_INIT;
	bool ok;

	buf_add(&text, name, size);
	if (memchr(name, '@', size) == NULL)
		buf_printf(&text, "@%s", store->default_domain);
	for (size_t i = 0; i < text.size; i++)
		text.data[i] = (char)tolower((unsigned char)text.data[i]);
	ok = copy_string(login, ADDRESS_TEXT_MAX, text.data) &&
	    memchr(name, '\0', size) == NULL && size > 0;
	buf_clear(&text);
	return ok;
}

/* Asks both stores, whatever the first says. */
static int
look_up(struct account_store *store, const char *login, bool possible,
    struct account *account)
{
	enum lookup mailbox =
	    directory_login(store->directory, possible ? login : "nobody",
		store->default_domain, &account->mailbox);
	int secret = secrets_find(store->secrets,
	    mailbox == LOOKUP_YES ? account->mailbox.login : login,
	    &account->secret);

	if (mailbox == LOOKUP_ERROR || secret == -1)
		return -1;
	if (!possible || mailbox == LOOKUP_NO || secret == 0)
		account->state = ACCOUNT_UNKNOWN;
	else if (account->mailbox.disabled)
		account->state = ACCOUNT_DISABLED;
	else
		account->state = ACCOUNT_OK;
	return 0;
}

/* How NAME was typed; in a form that is none of ours it will not be right. */
static int
find_form(const char *login, const char *name, size_t size)
{
	char form[ADDRESS_TEXT_MAX];

	for (int i = 0; i < DIGEST_FORMS; i++) {
		secret_digest_name(login, i, form, sizeof(form));
		if (strlen(form) == size && memcmp(form, name, size) == 0)
			return i;
	}
	return 0;
}

int
account_find(struct account_store *store, const char *name, size_t size,
    struct account *account_out)
{
	char login[ADDRESS_TEXT_MAX];
	bool possible = make_canonical(store, name, size, login);
	struct secret invented = { 0 };

	memset(account_out, 0, sizeof(*account_out));
	invent_secret(store, login, &invented);
	if (look_up(store, login, possible, account_out) == -1)
		return -1;

	(void)copy_string(account_out->name, sizeof(account_out->name), login);
	account_out->digest_form = find_form(login, name, size);
	if (account_out->state == ACCOUNT_UNKNOWN) {
		account_out->secret = invented;
	} else if (account_out->state == ACCOUNT_DISABLED) {
		take_keys_away(account_out->secret.scram_sha256,
		    invented.scram_sha256);
		take_keys_away(account_out->secret.scram_sha1,
		    invented.scram_sha1);
	}
	take_md5(&account_out->secret, &invented,
	    account_out->state == ACCOUNT_DISABLED);
	return 0;
}

int
account_apop(struct account_store *store, const struct account *account,
    char secret[APOP_SECRET_SIZE])
{
	unsigned char invented[SHA256_DIGEST_SIZE];
	bool known = account->state == ACCOUNT_OK;
	int found = secrets_apop_find(store->secrets,
	    known ? account->mailbox.login : account->name, secret);

	if (found == -1)
		return -1;
	derive(store, "APOP", account->name, invented);
	if (found == 1 && known)
		return 0;
	/* Not a text: nobody has typed it. */
	memset(secret, 0, APOP_SECRET_SIZE);
	for (size_t i = 0; i < sizeof(invented); i++)
		secret[i] = (char)(invented[i] | 0x80);
	return 0;
}

struct account_store *
account_store_open(const char *default_domain)
{
	struct account_store *store = xcalloc(1, sizeof(*store));

	store->default_domain = xstrdup(default_domain);
	store->directory = directory_open(false);
	store->secrets = secrets_open(false);
	if (store->directory == NULL || store->secrets == NULL ||
	    secrets_salt_key(store->secrets, store->key) == -1) {
		account_store_close(store);
		return NULL;
	}
	return store;
}

void
account_store_close(struct account_store *store)
{
	if (store == NULL)
		return;
	directory_close(store->directory);
	secrets_close(store->secrets);
	explicit_bzero(store->key, sizeof(store->key));
	free(store->default_domain);
	free(store);
}
