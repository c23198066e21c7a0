/*
 * dns_hosts.h - the table of hosts that is asked before DNS: a file in the
 * form of /etc/hosts, an address and its names a line.
 *
 * Private to dns*.c.
 */
#ifndef COMMON_DNS_HOSTS_H
#define COMMON_DNS_HOSTS_H

#include "common/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct dns_host {
	char name[DOMAIN_MAX + 1];
	struct sockaddr_storage address;
};

struct dns_hosts {
	struct dns_host *hosts;
	size_t count;
};

/*
 * Reads FILE ("": none).  What cannot be read or understood is logged and
 * left out.
 */
void dns_hosts_read(struct dns_hosts *hosts, const char *file);
void dns_hosts_clear(struct dns_hosts *hosts);

/* The first at or behind place FROM that is called NAME; NULL for none. */
const struct dns_host *dns_hosts_find(const struct dns_hosts *hosts,
    const char *name, size_t from);

#endif
