/*
 * dns.h - what the names of other hosts lead to.
 *
 * A table of hosts first ([dns] hosts_file), then DNS by libunbound, which
 * asks the name servers of [dns] resolver and validates with DNSSEC where
 * there is a trust anchor: an answer that is proved wrong counts as none.
 *
 * dns_open() reads all the files it needs and comes before the sandbox; the
 * questions need sockets only (SB_CALL_INET and SB_CALL_BIND).  No threads, no
 * processes.  A question blocks, for [dns] timeout at most.  Nothing is kept
 * between processes: caching over time is the name server's.
 *
 * A name that comes out of DNS is a host name (letters, digits, hyphen, dot,
 * in lower case, no dot at its end) or it does not come out.
 */
#ifndef COMMON_DNS_H
#define COMMON_DNS_H

#include "common/address.h"
#include "common/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct dns;

enum dns_found {
	DNS_YES,
	DNS_NO_NAME, /* there is no such name */
	DNS_NO_DATA, /* there is one, without such records */
	DNS_LATER,   /* nobody knows now: no answer, SERVFAIL, bogus ... */
};

/* Record types: RFC 1035 3.2.2, 3596, 2782, 6698. */
enum dns_type {
	DNS_TYPE_A = 1,
	DNS_TYPE_PTR = 12,
	DNS_TYPE_MX = 15,
	DNS_TYPE_TXT = 16,
	DNS_TYPE_AAAA = 28,
	DNS_TYPE_SRV = 33,
	DNS_TYPE_TLSA = 52,
};

enum { DNS_MX_MAX = 100, DNS_ADDRESSES_MAX = 20, DNS_TLSA_MAX = 20 };

/* A host; "" for the root, the null MX of RFC 7505. */
struct dns_mx {
	int preference;
	char host[DOMAIN_MAX + 1];
};

/*
 * What a host's certificate must be (RFC 6698 2.1).  Of data as it is
 * published, whole certificates of up to 4 KiB are taken.
 */
struct dns_tlsa {
	unsigned char usage;
	unsigned char selector;
	unsigned char matching;
	size_t size;
	unsigned char data[4096];
};

/*
 * Once a process, before its sandbox; a child may go on with its parent's.
 * Never NULL: what is wrong with a file is logged, and without a usable
 * library every answer is DNS_LATER.
 */
struct dns *dns_open(const struct config *config);

/* NULL is allowed. */
void dns_close(struct dns *dns);

/*
 * The MX records of DOMAIN, by preference, at most DNS_MX_MAX; the caller
 * frees *MX_OUT, which is NULL unless DNS_YES.  Records that name no host are
 * left out, so DNS_YES with *COUNT_OUT 0 is possible.  A name of the hosts
 * file has none: DNS_NO_DATA.
 */
enum dns_found dns_mx(struct dns *dns, const char *domain,
    struct dns_mx **mx_out, size_t *count_out);

/*
 * The addresses of HOST, IPv6 and IPv4 in turn, those of one kind in any
 * order, at most DNS_ADDRESSES_MAX, ports 0; the caller frees *OUT, which is
 * NULL unless DNS_YES.  HOST may be an IP address.
 */
enum dns_found dns_addresses(struct dns *dns, const char *host,
    struct sockaddr_storage **out, size_t *count_out);

/*
 * The TLSA records of HOST's TCP PORT, at most DNS_TLSA_MAX; the caller frees
 * *OUT, which is NULL unless DNS_YES.  They count only when dns_was_secure().
 */
enum dns_found dns_tlsa(struct dns *dns, const char *host, int port,
    struct dns_tlsa **out, size_t *count_out);

/*
 * Whether DNSSEC has proved the last answer, all of it, and be it that there is
 * nothing.  What comes from the hosts file is never.
 */
bool dns_was_secure(const struct dns *dns);

/*
 * The name behind the CNAMEs of the host of the last dns_addresses(), the host
 * itself where there were none; "" when DNS has not been asked.
 */
const char *dns_canonical_name(const struct dns *dns);

#endif
