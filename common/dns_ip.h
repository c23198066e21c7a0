/*
 * dns_ip.h - what counts as the address of a host.
 */
#ifndef COMMON_DNS_IP_H
#define COMMON_DNS_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/*
 * The address that TEXT is, port 0.  False when it is none, or none that mail
 * can be sent to (0.0.0.0, a group's, IPv4 dressed as IPv6).
 */
bool dns_parse_ip(const char *text, struct sockaddr_storage *address_out);

/* The same for the 4 or 16 bytes of a record. */
bool dns_take_ip(int family, const void *data, size_t size,
    struct sockaddr_storage *address_out);

#endif
