/*
 * received_words.c - the words, comments and addresses of a Received field;
 * and whose it is.
 */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "maildir/received_private.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The end of the comment that begins at AT; END where it is not closed. */
static const char *
skip_comment(const char *at, const char *end)
{
	int depth = 0;

	for (; at < end; at++) {
		if (*at == '\\' && at + 1 < end)
			at++;
		else if (*at == '(')
			depth++;
		else if (*at == ')' && --depth == 0)
			return at;
	}
	return end;
}

bool
received_next(const char **at, const char *end,
    struct received_token *token_out)
{
	const char *from = *at;
	const char *to;

	while (from < end && (is_blank(*from) || *from == ')'))
		from++;
	if (from == end)
		return false;
	token_out->comment = *from == '(';
	if (token_out->comment) {
		to = skip_comment(from, end);
		*at = to < end ? to + 1 : end;
		from++;
	} else {
		to = from;
		while (to < end && !is_blank(*to) && *to != '(')
			to++;
		*at = to;
	}
	token_out->text = from;
	token_out->size = (size_t)(to - from);
	return true;
}

/* Reads an address of SIZE bytes: what inet_pton() takes, tidied. */
static bool
read_address(const char *text, size_t size, char out[RECEIVED_ADDRESS_SIZE])
{
	char copy[RECEIVED_ADDRESS_SIZE];
	unsigned char bytes[sizeof(struct in6_addr)];
	int family;

	if (size > 5 && strncasecmp(text, "IPv6:", 5) == 0) {
		text += 5;
		size -= 5;
	}
	for (size_t i = 0; i < size; i++)
		if (text[i] == '%') /* fe80::1%eth0 */
			size = i;
	if (size == 0 || size >= sizeof(copy))
		return false;
	memcpy(copy, text, size);
	copy[size] = '\0';
	family = strchr(copy, ':') != NULL ? AF_INET6 : AF_INET;
	return inet_pton(family, copy, bytes) == 1 &&
	    inet_ntop(family, bytes, out, RECEIVED_ADDRESS_SIZE) != NULL;
}

/* Exim wrote [10.0.8.6.13219] and [10.0.8.6]:13219: the last is the port. */
static bool
read_with_port(const char *text, size_t size, char out[RECEIVED_ADDRESS_SIZE])
{
	size_t dots = 0;

	if (read_address(text, size, out))
		return true;
	for (size_t i = 0; i < size; i++) {
		dots += text[i] == '.';
		if (dots == 4 || (dots == 3 && text[i] == ':'))
			return read_address(text, i, out);
	}
	return false;
}

bool
received_find_address(const char *text, size_t size,
    char address[RECEIVED_ADDRESS_SIZE])
{
	static const char stops[] = "[]()<> \t@,;=\"";
	const char *end = text + size;

	while (text < end) {
		const char *word = text;

		while (text < end && strchr(stops, *text) == NULL)
			text++;
		if (text > word &&
		    read_with_port(word, (size_t)(text - word), address))
			return true;
		text++;
	}
	return false;
}

static const char *const names[] = {
	/* clang-format off */
	[RECEIVED_OTHER]    = "",
	[RECEIVED_POSTLAB]  = "Postlab",
	[RECEIVED_POSTFIX]  = "Postfix",
	[RECEIVED_EXIM]     = "Exim",
	[RECEIVED_QMAIL]    = "qmail",
	[RECEIVED_SENDMAIL] = "sendmail",
	[RECEIVED_SUN]      = "Sun",
	[RECEIVED_EXCHANGE] = "Exchange",
	[RECEIVED_GOOGLE]   = "Google",
	/* clang-format on */
};

const char *
received_format_name(enum received_format format)
{
	return names[format];
}

static bool
begins(const char *text, const char *with)
{
	return strncasecmp(text, with, strlen(with)) == 0;
}

static bool
ends(const char *text, const char *with)
{
	size_t size = strlen(text);
	size_t tail = strlen(with);

	return size >= tail && strcasecmp(text + size - tail, with) == 0;
}

/* 8.13.8/8.13.8, 8.9.3p2/8.9.3, 8.12.10+Sun/8.12.10: sendmail and its .cf */
static bool
is_sendmail(const char *software)
{
	return begins(software, "8.") && strchr(software, '/') != NULL;
}

enum received_format
received_recognise(const struct received *r)
{
	const char *software = r->software;

	if (begins(software, "Postlab"))
		return RECEIVED_POSTLAB;
	if (begins(software, "Postfix"))
		return RECEIVED_POSTFIX;
	if (begins(software, "Exim"))
		return RECEIVED_EXIM;
	if (begins(software, "qmail"))
		return RECEIVED_QMAIL;
	if (strcasestr(software, "+Sun") != NULL || begins(software, "Sun ") ||
	    begins(software, "iPlanet"))
		return RECEIVED_SUN;
	if (is_sendmail(software))
		return RECEIVED_SENDMAIL;
	if (begins(r->with, "Microsoft SMTP") || begins(r->with, "mapi") ||
	    ends(r->by, ".outlook.com"))
		return RECEIVED_EXCHANGE;
	if (ends(r->by, ".google.com"))
		return RECEIVED_GOOGLE;
	/* Between its own machines Google names neither itself nor a client. */
	if (*r->helo == '\0' && begins(r->with, "SMTP") &&
	    strchr("0123456789", *r->by) != NULL && *r->id != '\0')
		return RECEIVED_GOOGLE;
	return RECEIVED_OTHER;
}

static const struct {
	const char *network;
	int bits;
} private_networks[] = {
	/* clang-format off */
	{ "10.0.0.0",     8 },  /* RFC 1918 */
	{ "172.16.0.0",  12 },
	{ "192.168.0.0", 16 },
	{ "100.64.0.0",  10 },  /* RFC 6598 */
	{ "127.0.0.0",    8 },
	{ "169.254.0.0", 16 },  /* RFC 3927 */
	{ "fc00::",       7 },  /* RFC 4193 */
	{ "fe80::",      10 },
	{ "::1",        128 },
	/* clang-format on */
};

static bool
same_bits(const unsigned char *a, const unsigned char *b, int bits)
{
	int whole = bits / 8;
	int mask = 0xff00 >> (bits % 8);

	return memcmp(a, b, (size_t)whole) == 0 &&
	    (bits % 8 == 0 || ((a[whole] ^ b[whole]) & mask & 0xff) == 0);
}

bool
received_is_private(const char *address)
{
	unsigned char own[sizeof(struct in6_addr)] = { 0 };
	int family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;

	if (inet_pton(family, address, own) != 1)
		return false;
	for (size_t i = 0; i < COUNT(private_networks); i++) {
		const char *network = private_networks[i].network;
		unsigned char other[sizeof(struct in6_addr)] = { 0 };

		if ((strchr(network, ':') != NULL) != (family == AF_INET6) ||
		    inet_pton(family, network, other) != 1)
			continue;
		if (same_bits(own, other, private_networks[i].bits))
			return true;
	}
	return false;
}
