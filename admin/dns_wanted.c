/*
 * dns_wanted.c - from configuration, keys and certificates to records.
 *
 * SPF and DMARC begin as one should begin: SPF with what is known and "-all",
 * DMARC with reports and no consequences.
 */
#include "admin/dns_wanted.h"

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "admin/dkim_key.h"
#include "admin/private_name.h"
#include "common/config_form.h"
#include "common/dkim_store.h"
#include "common/dns_ip.h"
#include "common/dns_records.h"
#include "common/log.h"

const char *
wanted_type(const struct wanted *wanted)
{
	static const char *const types[] = {
		[WANTED_MX] = "MX",
		[WANTED_SPF] = "TXT",
		[WANTED_DKIM] = "TXT",
		[WANTED_DMARC] = "TXT",
		[WANTED_PTR] = "PTR",
		[WANTED_SRV] = "SRV",
		[WANTED_TLSA] = "TLSA",
	};

	if (wanted->kind == WANTED_ADDRESS)
		return strchr(wanted->data, ':') == NULL ? "A" : "AAAA";
	return types[wanted->kind];
}

/* Takes over OWNER and DATA. */
static struct wanted *
add(struct wanted_list *list, enum wanted_kind kind, char *owner, char *data)
{
	struct wanted *wanted = &list->list[list->count++];

	if (list->count > WANTED_MAX)
		panic("more records than there is room for");
	*wanted = (struct wanted){ .kind = kind, .owner = owner, .data = data };
	return wanted;
}

static bool
is_special(const struct sockaddr_storage *address)
{
	struct sockaddr_in old;

	if (address->ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(
		    &((const struct sockaddr_in6 *)address)->sin6_addr);
	memcpy(&old, address, sizeof(old));
	return ntohl(old.sin_addr.s_addr) >> 24 == 127;
}

static void
add_addresses(struct wanted_list *list, const char *words)
{
	char word[FORM_WORD_SIZE];

	while (form_next_word(&words, word)) {
		struct sockaddr_storage address;

		if (list->address_count < WANTED_ADDRESSES_MAX &&
		    dns_parse_ip(word, &address) && !is_special(&address))
			list->addresses[list->address_count++] = address;
	}
}

void
wanted_find_addresses(struct wanted_list *list)
{
	const struct config *config = list->config;

	add_addresses(list, config->relay_source_address);
	for (size_t i = 0;
	     i < config->listener_count && list->address_count == 0; i++)
		if (config->listeners[i].protocol == PROTO_MTA)
			add_addresses(list, config->listeners[i].address);
}

static const char *
address_text(const struct sockaddr_storage *address, char *text, size_t size)
{
	struct sockaddr_in6 new;
	struct sockaddr_in old;

	memcpy(&new, address, sizeof(new));
	memcpy(&old, address, sizeof(old));
	return address->ss_family == AF_INET6
	    ? inet_ntop(AF_INET6, &new.sin6_addr, text, (socklen_t)size)
	    : inet_ntop(AF_INET, &old.sin_addr, text, (socklen_t)size);
}

static void
add_hosts(struct wanted_list *list)
{
	const char *host = list->config->hostname;
	char text[INET6_ADDRSTRLEN];
	char reverse[DOMAIN_MAX + 1];

	for (size_t i = 0; i < list->address_count; i++) {
		const struct sockaddr_storage *address = &list->addresses[i];
		struct wanted *ptr;

		add(list, WANTED_ADDRESS, xstrdup(host),
		    xstrdup(address_text(address, text, sizeof(text))));
		ptr = add(list, WANTED_PTR,
		    xstrdup(dns_reverse_name(address, reverse)),
		    xasprintf("%s.", host));
		ptr->unneeded = private_address(address);
		ptr->why = "in the zone of your provider, who sets it for you";
	}
}

/* Whether other hosts take our mail onward (a route for all with a host). */
static bool
has_smarthost(const struct config *config)
{
	for (size_t i = 0; i < config->route_count; i++)
		if (config_lists(config->routes[i].domains, "*") &&
		    strcmp(config->routes[i].host, "mx") != 0)
			return true;
	return false;
}

static void
add_policies(struct wanted_list *list)
{
	const char *domain = list->domain;
	const char *host = list->config->hostname;
	struct wanted *spf;

	add(list, WANTED_MX, xstrdup(domain), xasprintf("10 %s.", host));
	spf = add(list, WANTED_SPF, xstrdup(domain), xstrdup("v=spf1 mx -all"));
	if (has_smarthost(list->config))
		spf->why = "a smarthost sends for you: what its operator says "
			   "(include:...) belongs in front of -all";
	if (strcasecmp(domain, host) != 0)
		add(list, WANTED_SPF, xstrdup(host), xstrdup("v=spf1 a -all"))
		    ->why = "for reports, which have no sender";
	add(list, WANTED_DMARC, xasprintf("_dmarc.%s", domain),
	    xasprintf("v=DMARC1; p=none; rua=mailto:postmaster@%s", domain))
	    ->why = "p=quarantine, then p=reject, once the reports show that "
		    "all your mail passes";
}

static int
add_keys(struct wanted_list *list)
{
	struct dkim_keys keys;
	int rc = dkim_store_read(list->domain, &keys);

	for (size_t i = 0; i < keys.count && rc == 0; i++) {
		struct buf text = BUF_INIT;
		const char *name;

		rc = dkim_key_record(keys.list[i].pem, &text, &name);
		if (rc == 0)
			add(list, WANTED_DKIM,
			    dkim_key_owner(list->domain, keys.list[i].selector),
			    buf_steal(&text));
		buf_clear(&text);
	}
	dkim_keys_clear(&keys);
	return rc;
}

/* RFC 6186, RFC 8314 5.1 */
static const char *
service_of(const struct listener *listener)
{
	bool implicit = listener->tls == TLS_IMPLICIT;

	if (listener->protocol == PROTO_MSA)
		return implicit ? "_submissions" : "_submission";
	if (listener->protocol == PROTO_POP3)
		return implicit ? "_pop3s" : "_pop3";
	return NULL;
}

static int
port_of(const struct wanted_list *list, const struct listener *listener)
{
	return listener->port + list->config->port_base;
}

/* What is encrypted from the first byte is preferred (RFC 8314 3). */
static void
add_services(struct wanted_list *list)
{
	const struct config *config = list->config;

	for (size_t i = 0; i < config->listener_count && i < 16; i++) {
		const struct listener *listener = &config->listeners[i];
		const char *service = service_of(listener);

		if (service == NULL)
			continue;
		add(list, WANTED_SRV,
		    xasprintf("%s._tcp.%s", service, list->domain),
		    xasprintf("%d 1 %d %s.",
			listener->tls == TLS_IMPLICIT ? 0 : 10,
			port_of(list, listener), config->hostname))
		    ->optional = true;
	}
}

/* SHA-256 of a certificate's public key, in hexadecimal; NULL: none. */
static char *
hash_key(const char *file)
{
	gnutls_datum_t text = { NULL, 0 };
	gnutls_x509_crt_t crt = NULL;
	unsigned char hash[32];
	size_t size = sizeof(hash);
	struct buf hex = BUF_INIT;
	bool good = gnutls_load_file(file, &text) == 0 &&
	    gnutls_x509_crt_init(&crt) == 0 &&
	    gnutls_x509_crt_import(crt, &text, GNUTLS_X509_FMT_PEM) == 0 &&
	    gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, hash,
		&size) == 0;

	for (size_t i = 0; good && i < size; i++)
		buf_printf(&hex, "%02x", hash[i]);
	if (crt != NULL)
		gnutls_x509_crt_deinit(crt);
	gnutls_free(text.data);
	return good ? buf_steal(&hex) : NULL;
}

/* RFC 7672 3.1: DANE-EE(3) SPKI(1) SHA2-256(1), for the MTA's port. */
static void
add_certificates(struct wanted_list *list)
{
	static const char *const files[] = { "tls/server-ecdsa.pem",
		"tls/server-rsa.pem" };
	const struct config *config = list->config;
	int port = 0;

	for (size_t i = 0; i < config->listener_count && port == 0; i++)
		if (config->listeners[i].protocol == PROTO_MTA &&
		    config->listeners[i].tls != TLS_OFF)
			/* That one others connect to, whatever ours is. */
			port = config->listeners[i].port;
	for (size_t i = 0; i < COUNT(files) && port != 0; i++) {
		char *hash = hash_key(files[i]);
		struct wanted *wanted;

		if (hash == NULL)
			continue;
		wanted = add(list, WANTED_TLSA,
		    xasprintf("_%d._tcp.%s", port, config->hostname),
		    xasprintf("3 1 1 %s", hash));
		wanted->optional = true;
		wanted->why = "only where the zone is signed (DNSSEC); a new "
			      "key (cert renew) needs a new one first";
		free(hash);
	}
}

int
wanted_make(struct wanted_list *list)
{
	add_hosts(list);
	add_policies(list);
	if (add_keys(list) == -1)
		return -1;
	add_services(list);
	add_certificates(list);
	return 0;
}

void
wanted_clear(struct wanted_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->list[i].owner);
		free(list->list[i].data);
	}
	list->count = 0;
}
