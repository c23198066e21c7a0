/*
 * dns_wanted.h - the records that a domain of ours should have.
 */
#ifndef ADMIN_DNS_WANTED_H
#define ADMIN_DNS_WANTED_H

#include "common/address.h"
#include "common/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { WANTED_MAX = 64, WANTED_ADDRESSES_MAX = 8 };

enum wanted_kind {
	WANTED_ADDRESS, /* A or AAAA */
	WANTED_MX,
	WANTED_SPF,
	WANTED_DKIM,
	WANTED_DMARC,
	WANTED_PTR,
	WANTED_SRV,
	WANTED_TLSA,
};

struct wanted {
	enum wanted_kind kind;
	char *owner;
	char *data;      /* as in a zone file; of TXT its text */
	bool optional;   /* mail comes and goes without it */
	bool unneeded;   /* nobody could publish it: a private address's PTR */
	const char *why; /* a comment, or NULL */
};

struct wanted_list {
	const struct config *config;
	const char *domain;
	/* Where our host is reached, and mail leaves from. */
	struct sockaddr_storage addresses[WANTED_ADDRESSES_MAX];
	size_t address_count;

	size_t count;
	struct wanted list[WANTED_MAX];
};

/* "TXT" ...  */
const char *wanted_type(const struct wanted *wanted);

/*
 * Takes the addresses out of the configuration: where mail leaves from, or else
 * where MTAs are listened to, without loopback and wildcards.
 */
void wanted_find_addresses(struct wanted_list *list);

/*
 * Fills in the rest of LIST, of which config, domain and the addresses are set.
 * 0, or -1 (logged) when a key or a certificate cannot be read.
 */
int wanted_make(struct wanted_list *list);

void wanted_clear(struct wanted_list *list);

#endif
