/* private_name.c - two lists. */
#include "admin/private_name.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "common/mem.h"

static const char *const suffixes[] = {
	/* RFC 6761 6 */
	"test",
	"localhost",
	"invalid",
	"example",
	"example.com",
	"example.net",
	"example.org",
	"local",     /* RFC 6762 */
	"onion",     /* RFC 7686 */
	"home.arpa", /* RFC 8375 */
	"internal",  /* ICANN, 2024 */
	/* RFC 6762 appendix G: what people use, and nobody delegates */
	"intranet",
	"private",
	"corp",
	"home",
	"lan",
};

bool
private_domain(const char *domain)
{
	size_t size = strlen(domain);

	for (size_t i = 0; i < COUNT(suffixes); i++) {
		size_t tail = strlen(suffixes[i]);

		if (size >= tail &&
		    strcasecmp(domain + size - tail, suffixes[i]) == 0 &&
		    (size == tail || domain[size - tail - 1] == '.'))
			return true;
	}
	return strchr(domain, '.') == NULL;
}

/* clang-format off */
static const struct {
	unsigned char bytes[4];
	int bits;
} old_networks[] = {
	{ { 10, 0, 0, 0 }, 8 },     { { 172, 16, 0, 0 }, 12 },
	{ { 192, 168, 0, 0 }, 16 }, { { 127, 0, 0, 0 }, 8 },
	{ { 100, 64, 0, 0 }, 10 },  { { 169, 254, 0, 0 }, 16 },
	{ { 192, 0, 2, 0 }, 24 },   { { 198, 51, 100, 0 }, 24 },
	{ { 203, 0, 113, 0 }, 24 },
};
static const struct {
	unsigned char bytes[4];
	int bits;
} new_networks[] = {
	{ { 0xfc, 0, 0, 0 }, 7 },          /* unique local */
	{ { 0xfe, 0x80, 0, 0 }, 10 },      /* of the link */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 } /* examples */
};
/* clang-format on */

static bool
begins(const unsigned char *address, const unsigned char network[4], int bits)
{
	for (int i = 0; i < bits; i++) {
		unsigned mask = 0x80U >> (unsigned)(i % 8);

		if (((address[i / 8] ^ network[i / 8]) & mask) != 0)
			return false;
	}
	return true;
}

bool
private_address(const struct sockaddr_storage *address)
{
	struct sockaddr_in6 new;
	struct sockaddr_in old;
	unsigned char bytes[4];

	if (address->ss_family == AF_INET6) {
		memcpy(&new, address, sizeof(new));
		for (size_t i = 0; i < COUNT(new_networks); i++)
			if (begins(new.sin6_addr.s6_addr, new_networks[i].bytes,
				new_networks[i].bits))
				return true;
		return IN6_IS_ADDR_LOOPBACK(&new.sin6_addr);
	}
	memcpy(&old, address, sizeof(old));
	memcpy(bytes, &old.sin_addr, sizeof(bytes));
	for (size_t i = 0; i < COUNT(old_networks); i++)
		if (begins(bytes, old_networks[i].bytes, old_networks[i].bits))
			return true;
	return false;
}
