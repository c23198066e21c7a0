/* dns_ip.c - what counts as the address of a host. */
#include "common/dns_ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static bool
is_for_one_host(const struct in_addr *address)
{
	in_addr_t host = ntohl(address->s_addr);

	return (host >> 24) != 0 && !IN_MULTICAST(host) && !IN_BADCLASS(host);
}

bool
dns_take_ip(int family, const void *data, size_t size,
    struct sockaddr_storage *address_out)
{
	struct sockaddr_in6 new = { .sin6_family = AF_INET6 };
	struct sockaddr_in old = { .sin_family = AF_INET };

	memset(address_out, 0, sizeof(*address_out));
	if (family == AF_INET && size == sizeof(old.sin_addr)) {
		memcpy(&old.sin_addr, data, size);
		memcpy(address_out, &old, sizeof(old));
		return is_for_one_host(&old.sin_addr);
	}
	if (family != AF_INET6 || size != sizeof(new.sin6_addr))
		return false;
	memcpy(&new.sin6_addr, data, size);
	memcpy(address_out, &new, sizeof(new));
	return !IN6_IS_ADDR_UNSPECIFIED(&new.sin6_addr) &&
	    !IN6_IS_ADDR_MULTICAST(&new.sin6_addr) &&
	    !IN6_IS_ADDR_V4MAPPED(&new.sin6_addr);
}

bool
dns_parse_ip(const char *text, struct sockaddr_storage *address_out)
{
	struct in6_addr new;
	struct in_addr old;

	if (inet_pton(AF_INET, text, &old) == 1)
		return dns_take_ip(AF_INET, &old, sizeof(old), address_out);
	return inet_pton(AF_INET6, text, &new) == 1 &&
	    dns_take_ip(AF_INET6, &new, sizeof(new), address_out);
}
