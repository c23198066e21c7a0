/*
 * fuzz_address.c - any text behind MAIL FROM: or RCPT TO:.
 *
 * The first byte chooses the leniency.  What is taken must be printable, with a
 * valid domain in ASCII, must read back from its own text form, and must be
 * taken by CLASSROOM whenever it is by STRICT, and mean the same.  xtext that
 * decodes must mean the same when it is encoded again, and an ORCPT as well.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "common/orcpt.h"
#include "common/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool holds)
{
	if (!holds)
		abort();
}

static bool
is_printable(const char *text)
{
	while (*text != '\0') {
		size_t length = utf8_printable_length(text);

		if (length == 0)
			return false;
		text += length;
	}
	return true;
}

/* <postmaster> alone may be without a domain. */
static void
check_form(const struct address *address)
{
	char text[ADDRESS_TEXT_MAX];
	struct address again;

	expect(is_printable(address->local));
	expect(is_printable(address->domain) && utf8_is_ascii(address->domain));
	expect(address->utf8 || utf8_is_ascii(address->local));
	if (address_is_null(address) || *address->domain == '\0')
		return;
	expect(*address->local != '\0');
	expect(address->domain[0] == '[' || domain_is_valid(address->domain));
	address_format(address, text, sizeof(text));
	expect(address_parse(text, &again));
	expect(address_equal(address, &again));
}

static void
check_path(const char *text, enum leniency leniency)
{
	const char *cursor = text;
	const char *other = text;
	const char *why = NULL;
	struct address address;
	struct address lenient;

	if (!address_parse_path(&cursor, leniency, &address, &why)) {
		expect(cursor == text && why != NULL);
		return;
	}
	expect(cursor > text && cursor <= text + strlen(text));
	check_form(&address);
	if (leniency == STRICT) {
		expect(address_parse_path(&other, CLASSROOM, &lenient, &why));
		expect(address_equal(&address, &lenient) && other >= cursor);
	}
}

static void
check_xtext(const char *text)
{
	char clear[4096];
	char again[3 * sizeof(clear)];
	char twice[4096];

	if (!xtext_decode(text, clear, sizeof(clear)))
		return;
	expect(xtext_encode(clear, again, sizeof(again)));
	expect(xtext_decode(again, twice, sizeof(twice)));
	expect(strcmp(clear, twice) == 0);
}

static void
check_orcpt(const char *text)
{
	char address[ORCPT_MAX + 1];
	char again[ORCPT_MAX + 1];
	struct buf value = BUF_INIT;

	if (!orcpt_decode(text, address, sizeof(address)))
		return;
	expect(is_printable(address));
	orcpt_encode(address, &value);
	expect(orcpt_decode(value.data, again, sizeof(again)));
	expect(strcmp(address, again) == 0);
	buf_clear(&value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	text = malloc(size);
	expect(text != NULL);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	check_path(text, data[0] % 2 == 0 ? STRICT : CLASSROOM);
	check_xtext(text);
	check_orcpt(text);
	free(text);
	return 0;
}
