/* check_dns_records.c - records by RFC 1035 3.2, written by hand. */
#include "tests/check_dns_records.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/mem.h"

static const struct {
	const char *name;
	unsigned number;
} types[] = { { "A", 1 }, { "CNAME", 5 }, { "MX", 15 }, { "AAAA", 28 },
	{ "TXT", 16 }, { "PTR", 12 }, { "TLSA", 52 } };

unsigned
dns_type(const char *type)
{
	for (size_t i = 0; i < COUNT(types); i++)
		if (strcmp(types[i].name, type) == 0)
			return types[i].number;
	return 0;
}

void
dns_add_u16(struct buf *to, unsigned number)
{
	buf_addchar(to, (char)(number >> 8));
	buf_addchar(to, (char)(number & 0xff));
}

static void
add_name(struct buf *to, const char *name)
{
	while (*name != '\0') {
		size_t length = strcspn(name, ".");

		buf_addchar(to, (char)length);
		buf_add(to, name, length);
		name += length;
		name += *name == '.' ? 1 : 0;
	}
	buf_addchar(to, '\0');
}

static void
add_data(struct buf *to, unsigned type, const char *text)
{
	unsigned char ip[16];
	char *name;

	if (type == 1 || type == 28) {
		/* No ck_assert: this is not the process of the test. */
		if (inet_pton(type == 1 ? AF_INET : AF_INET6, text, ip) != 1)
			abort();
		buf_add(to, ip, type == 1 ? 4 : 16);
		return;
	}
	if (type == 16) {
		do {
			size_t part = strnlen(text, 255);

			buf_addchar(to, (char)part);
			buf_add(to, text, part);
			text += part;
		} while (*text != '\0');
		return;
	}
	if (type == 52) {
		for (unsigned octet; sscanf(text, "%2x", &octet) == 1;
		     text += 2)
			buf_addchar(to, (char)octet);
		return;
	}
	if (type == 15) {
		dns_add_u16(to, (unsigned)strtoul(text, &name, 10));
		text = name + strspn(name, " ");
	}
	add_name(to, text);
}

void
dns_add_record(struct buf *to, unsigned type, const char *text)
{
	struct buf data = BUF_INIT;

	add_data(&data, type, text);
	dns_add_u16(to, 0xc000 | DNS_HEADER);
	dns_add_u16(to, type);
	dns_add_u16(to, 1);
	dns_add_u16(to, 0);
	dns_add_u16(to, 60);
	dns_add_u16(to, (unsigned)data.size);
	buf_add(to, data.data, data.size);
	buf_clear(&data);
}
