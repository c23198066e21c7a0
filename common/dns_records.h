/*
 * dns_records.h - records of other types than where a host is (dns.h): TXT,
 * PTR, SRV, TLSA, or any other, in the form of the wire.
 *
 * Names may have underscores (_dmarc.example).  The hosts file has no such
 * records and is not asked.
 */
#ifndef COMMON_DNS_RECORDS_H
#define COMMON_DNS_RECORDS_H

#include "common/dns.h"

#include <stdbool.h>
#include <stddef.h>

struct dns_question;

/* More of one type are left out. */
enum { DNS_RECORDS_MAX = 100 };

struct dns_record {
	unsigned char *data; /* and a NUL, which is not counted */
	size_t size;
};

struct dns_records {
	struct dns_record *list;
	size_t count;
	bool secure; /* proved by DNSSEC, be it that there are none */
};

/*
 * The records of TYPE (enum dns_type of dns.h) that NAME has.  Of TXT the
 * strings of each record are joined (RFC 7208 3.3, RFC 6376 3.6.2.2), and those
 * with a NUL in them are left out.  RECORDS_OUT is empty unless DNS_YES;
 * dns_records_clear() in every case.
 */
enum dns_found dns_records_ask(struct dns *dns, const char *name, int type,
    struct dns_records *records_out);

/* The same for a question that dns_ask() has answered (dns_ask.h). */
void dns_records_take(const struct dns_question *question,
    struct dns_records *records_out);

/*
 * The names that PTR records give ADDRESS, of which it need not be true; each a
 * string.
 */
enum dns_found dns_names_ask(struct dns *dns,
    const struct sockaddr_storage *address, struct dns_records *names_out);

void dns_records_clear(struct dns_records *records);

/*
 * The name where ADDRESS has its PTR record: "1.2.0.192.in-addr.arpa" (RFC 1035
 * 3.5, RFC 3596 2.5).  TEXT has room for DOMAIN_MAX + 1.
 */
const char *dns_reverse_name(const struct sockaddr_storage *address,
    char *text);

/* The host behind SKIP octets of RECORD; false when there is none. */
bool dns_take_host(const struct dns_record *record, size_t skip,
    char host[DOMAIN_MAX + 1]);

/* SRV (RFC 2782): PRIORITY WEIGHT PORT TARGET. */
struct dns_srv {
	int priority;
	int weight;
	int port;
	char target[DOMAIN_MAX + 1]; /* "" : the service is not there */
};

/* False when RECORD is none. */
bool dns_take_srv(const struct dns_record *record, struct dns_srv *srv_out);

#endif
