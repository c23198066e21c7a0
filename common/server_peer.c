/* server_peer.c - addresses of clients. */
#include "common/server_peer.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "common/server.h"
#include "common/server_owner.h"

/* Above every IPv6 prefix in use (::/8 is reserved, RFC 4291 2.5). */
#define CLIENT_IPV4 (UINT64_C(1) << 32)
#define CLIENT_LOOPBACK (UINT64_C(1) << 33)

/* Copies the IPv4 address there may be in ADDRESS. */
static bool
get_ipv4(const struct sockaddr_storage *address, struct in_addr *out)
{
	if (address->ss_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		*out = in.sin_addr;
		return true;
	}
	if (address->ss_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		memcpy(out, &in6.sin6_addr.s6_addr[12], sizeof(*out));
		return IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr);
	}
	return false;
}

void
peer_from_address(const struct sockaddr_storage *address, struct peer *peer_out)
{
	struct sockaddr_in6 in6;
	struct in_addr ipv4;

	memset(peer_out, 0, sizeof(*peer_out));
	peer_out->uid = OWNER_UNKNOWN;
	if (address->ss_family != AF_INET && address->ss_family != AF_INET6) {
		(void)copy_string(peer_out->address, sizeof(peer_out->address),
		    "unix");
		return;
	}
	/* The port has the same place in both kinds. */
	memcpy(&in6, address, sizeof(in6));
	peer_out->port = ntohs(in6.sin6_port);
	if (get_ipv4(address, &ipv4))
		(void)inet_ntop(AF_INET, &ipv4, peer_out->address,
		    sizeof(peer_out->address));
	else
		(void)inet_ntop(AF_INET6, &in6.sin6_addr, peer_out->address,
		    sizeof(peer_out->address));
}

const char *
peer_log(const struct peer *peer)
{
	static char text[INET6_ADDRSTRLEN + 40];
	int n = snprintf(text, sizeof(text), "peer=%s", peer->address);

	if (peer->uid != OWNER_UNKNOWN && n > 0)
		(void)snprintf(text + n, sizeof(text) - (size_t)n,
		    " uid=%" PRId64, peer->uid);
	return text;
}

const char *
peer_user(const struct peer *peer)
{
	static char text[24];

	text[0] = '\0';
	if (peer->uid != OWNER_UNKNOWN)
		(void)snprintf(text, sizeof(text), "%" PRId64, peer->uid);
	return text;
}

uint64_t
peer_client(const struct sockaddr_storage *address)
{
	struct sockaddr_in6 in6;
	struct in_addr ipv4;
	uint64_t prefix = 0;

	if (get_ipv4(address, &ipv4))
		return CLIENT_IPV4 | ntohl(ipv4.s_addr);
	if (address->ss_family != AF_INET6)
		return 0;
	memcpy(&in6, address, sizeof(in6));
	for (size_t i = 0; i < sizeof(prefix); i++)
		prefix = prefix << 8 | in6.sin6_addr.s6_addr[i];
	return prefix == 0 ? CLIENT_LOOPBACK : prefix;
}
