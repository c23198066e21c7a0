/*
 * address_text.c - addresses as text: written out, compared, and in the xtext
 * form of RFC 3461.  The reading of paths is in address.c.
 */
#include "common/address.h"

#include <gnutls/gnutls.h>
#include <string.h>
#include <strings.h>

#include "common/mem.h"
#include "common/utf8.h"

enum { LABEL_MAX = 63 };

/* Where text goes, and whether all of it fitted. */
struct sink {
	char *text;
	size_t size;
	size_t room;
	bool fits;
};

static struct sink
sink_start(char *text, size_t size)
{
	struct sink sink = { text, 0, size, size > 0 };

	if (size > 0)
		text[0] = '\0';
	return sink;
}

static void
sink_add(struct sink *sink, char c)
{
	if (sink->size + 1 >= sink->room) {
		sink->fits = false;
		return;
	}
	sink->text[sink->size++] = c;
	sink->text[sink->size] = '\0';
}

/* isalnum() would follow the locale. */
static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

/* Atom *("." Atom): everything else is written as a Quoted-string. */
static bool
is_dot_string(const char *local)
{
	size_t length = strlen(local);

	for (size_t i = 0; i < length; i++) {
		char c = local[i];

		if (c == '.' &&
		    (i == 0 || i == length - 1 || local[i + 1] == '.'))
			return false;
		if (c != '.' && !is_alnum(c) && (unsigned char)c < 0x80 &&
		    strchr("!#$%&'*+-/=?^_`{|}~", c) == NULL)
			return false;
	}
	return length > 0;
}

const char *
address_format(const struct address *address, char *text, size_t size)
{
	struct sink sink = sink_start(text, size);
	bool quote =
	    !is_dot_string(address->local) && !address_is_null(address);

	if (quote)
		sink_add(&sink, '"');
	for (const char *p = address->local; *p != '\0'; p++) {
		if (quote && (*p == '"' || *p == '\\'))
			sink_add(&sink, '\\');
		sink_add(&sink, *p);
	}
	if (quote)
		sink_add(&sink, '"');
	if (*address->domain != '\0')
		sink_add(&sink, '@');
	for (const char *p = address->domain; *p != '\0'; p++)
		sink_add(&sink, *p);
	return text;
}

bool
address_is_null(const struct address *address)
{
	return *address->local == '\0' && *address->domain == '\0';
}

bool
address_equal(const struct address *a, const struct address *b)
{
	return strcmp(a->local, b->local) == 0 &&
	    strcasecmp(a->domain, b->domain) == 0;
}

static bool
is_label(const char *label, size_t length)
{
	if (length == 0 || length > LABEL_MAX)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!is_alnum(label[i]) && label[i] != '-')
			return false;
	}
	return label[0] != '-' && label[length - 1] != '-';
}

bool
domain_is_valid(const char *domain)
{
	if (strlen(domain) > DOMAIN_MAX)
		return false;
	for (;;) {
		size_t length = strcspn(domain, ".");

		if (!is_label(domain, length))
			return false;
		if (domain[length] == '\0')
			return true;
		domain += length + 1;
	}
}

bool
domain_to_ascii(const char *domain, char *ascii, size_t size)
{
	gnutls_datum_t mapped;
	bool fits;

	if (utf8_is_ascii(domain))
		return copy_string(ascii, size, domain);
	if (!utf8_is_valid(domain) ||
	    gnutls_idna_map(domain, (unsigned)strlen(domain), &mapped, 0) !=
		GNUTLS_E_SUCCESS)
		return false;
	fits = copy_string(ascii, size, (const char *)mapped.data);
	gnutls_free(mapped.data);
	return fits;
}

/* 0 to 15, or -1: RFC 3461 wants upper case. */
static int
hex_digit(char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *found = c == '\0' ? NULL : strchr(digits, c);

	return found == NULL ? -1 : (int)(found - digits);
}

/* xtext = *( xchar / hexchar ), hexchar = "+" 2HEXDIG (RFC 3461 4) */
bool
xtext_decode(const char *text, char *out, size_t size)
{
	struct sink sink = sink_start(out, size);

	for (const char *p = text; *p != '\0'; p++) {
		int high;
		int low;

		if (*p < '!' || *p > '~' || *p == '=')
			return false;
		if (*p != '+') {
			sink_add(&sink, *p);
			continue;
		}
		high = hex_digit(p[1]);
		low = high == -1 ? -1 : hex_digit(p[2]);
		if (low == -1 || high + low == 0)
			return false;
		sink_add(&sink, (char)(high * 16 + low));
		p += 2;
	}
	return sink.fits;
}

bool
xtext_encode(const char *text, char *out, size_t size)
{
	static const char digits[] = "0123456789ABCDEF";
	struct sink sink = sink_start(out, size);

	for (const char *p = text; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c >= '!' && c <= '~' && c != '+' && c != '=') {
			sink_add(&sink, *p);
			continue;
		}
		sink_add(&sink, '+');
		sink_add(&sink, digits[c >> 4]);
		sink_add(&sink, digits[c & 15]);
	}
	return sink.fits;
}
