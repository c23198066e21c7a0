/*
 * route_own.c - whether a host is ourselves.
 *
 * A listener on all addresses (0.0.0.0, ::) hears whatever this machine has.
 * Which those are, the kernel says by letting a socket be bound to them: a
 * delivery worker may do that, but not open a netlink socket or /proc.
 */
#include "smtpd/route_own.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/config_form.h"

int
route_port(const struct sockaddr_storage *address)
{
	struct sockaddr_in old;
	struct sockaddr_in6 new;

	memcpy(&old, address, sizeof(old));
	memcpy(&new, address, sizeof(new));
	return ntohs(
	    address->ss_family == AF_INET6 ? new.sin6_port : old.sin_port);
}

void
route_set_port(struct sockaddr_storage *address, int port)
{
	struct sockaddr_in old;
	struct sockaddr_in6 new;

	if (address->ss_family == AF_INET6) {
		memcpy(&new, address, sizeof(new));
		new.sin6_port = htons((in_port_t)port);
		memcpy(address, &new, sizeof(new));
		return;
	}
	memcpy(&old, address, sizeof(old));
	old.sin_port = htons((in_port_t)port);
	memcpy(address, &old, sizeof(old));
}

bool
route_is_own_name(const struct config *config, const char *host)
{
	return strcasecmp(host, config->hostname) == 0;
}

/* 127.0.0.2 is this machine's in the same way as an interface's address. */
static bool
is_of_this_machine(struct sockaddr_storage address)
{
	socklen_t size = address.ss_family == AF_INET6
	    ? sizeof(struct sockaddr_in6)
	    : sizeof(struct sockaddr_in);
	int fd = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool bound;

	if (fd == -1)
		return false;
	route_set_port(&address, 0);
	bound = bind(fd, (struct sockaddr *)&address, size) == 0;
	close(fd);
	return bound;
}

static bool
hears(const char *word, const struct sockaddr_storage *address)
{
	struct sockaddr_in old;
	struct sockaddr_in6 new;
	struct in6_addr ip;
	const void *its = &old.sin_addr;
	size_t size = sizeof(old.sin_addr);

	memcpy(&old, address, sizeof(old));
	memcpy(&new, address, sizeof(new));
	if (address->ss_family == AF_INET6) {
		its = &new.sin6_addr;
		size = sizeof(new.sin6_addr);
	}
	if (inet_pton(address->ss_family, word, &ip) != 1)
		return false;
	if (memcmp(&ip, &in6addr_any, size) == 0)
		return is_of_this_machine(*address);
	return memcmp(&ip, its, size) == 0;
}

bool
route_is_own_address(const struct config *config,
    const struct sockaddr_storage *address)
{
	char word[FORM_WORD_SIZE];

	for (size_t i = 0; i < config->listener_count; i++) {
		const struct listener *l = &config->listeners[i];
		const char *list = l->address;

		if ((l->protocol != PROTO_MTA && l->protocol != PROTO_MSA) ||
		    l->port + config->port_base != route_port(address))
			continue;
		while (form_next_word(&list, word))
			if (hears(word, address))
				return true;
	}
	return false;
}
