/*
 * dkim_store.h - the keys that sign mail of our domains (DKIM, RFC 6376).
 *
 * dkim/DOMAIN/SELECTOR.key, a private key in PEM (PKCS 8), mode 0600, in
 * folders of mode 0700; DOMAIN in lower case, as an A-label.  There is no other
 * list: a file is a key, and each of a domain's keys signs, so that a new one
 * can be put beside the old one before anybody knows it.
 *
 * Written by postlab dkim, read by smtpd's signing helper alone.
 */
#ifndef COMMON_DKIM_STORE_H
#define COMMON_DKIM_STORE_H

#include <stdbool.h>
#include <stddef.h>

#define DKIM_STORE "dkim"

enum {
	DKIM_SELECTOR_MAX = 63,
	DKIM_KEYS_MAX = 4, /* of one domain: each is a field in every message */
};

struct dkim_key {
	char selector[DKIM_SELECTOR_MAX + 1];
	char *pem;
};

struct dkim_keys {
	size_t count;
	struct dkim_key list[DKIM_KEYS_MAX]; /* by selector */
};

/* One label of letters, digits and hyphens, in lower case. */
bool dkim_selector_is_valid(const char *selector);

/*
 * Whether DOMAIN may have keys, also when that cannot be seen; needs no right
 * to look into its folder.
 */
bool dkim_store_knows(const char *domain);

/*
 * Reads the keys of DOMAIN.  0, also when there is none; -1 (logged) when one
 * cannot be read.  dkim_keys_clear() in every case.
 */
int dkim_store_read(const char *domain, struct dkim_keys *keys_out);

/* Wipes them. */
void dkim_keys_clear(struct dkim_keys *keys);

/* Calls EACH with every domain that has a folder, sorted.  0, or -1 (logged).
 */
int dkim_store_domains(int (*each)(void *arg, const char *domain), void *arg);

/*
 * Stores a key, durably; 1 when DOMAIN has one of that SELECTOR, which stays.
 * 0, 1 or -1 (logged).
 */
int dkim_store_add(const char *domain, const char *selector, const char *pem,
    size_t size);

/* Removes it, durably; 1 when there is none.  0, 1 or -1 (logged). */
int dkim_store_remove(const char *domain, const char *selector);

#endif
