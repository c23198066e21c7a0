/*
 * fuzz_fields.c - any bytes as Received, Authentication-Results and addresses.
 *
 * Beside not crashing: every string is one line of UTF-8 without control
 * characters.
 */
#include <glib.h>
#include <stdint.h>

#include "common/log.h"
#include "common/mem.h"
#include "maildir/addresses.h"
#include "maildir/authres.h"
#include "maildir/message.h"
#include "maildir/received.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_shown(const char *text)
{
	if (!g_utf8_validate(text, -1, NULL))
		panic("shown, and no UTF-8");
	for (const char *c = text; *c != '\0'; c++)
		if ((*c >= 0 && *c < ' ') || *c == 127)
			panic("a control character is shown");
}

static void
check_received(const char *value, size_t size)
{
	struct received r;

	received_parse(value, size, &r);

	const char *const shown[] = { r.helo, r.name, r.address, r.ident,
		r.login, r.by, r.software, r.via, r.with, r.tls, r.id,
		r.recipient, r.sender };

	for (size_t i = 0; i < COUNT(shown); i++)
		check_shown(shown[i]);
	if (r.has_date != (r.date != 0))
		panic("a date that is none");
	received_clear(&r);
}

static void
check_authres(const char *value, size_t size)
{
	struct authres authres;

	authres_parse(value, size, &authres);
	check_shown(authres.authserv);
	for (size_t i = 0; i < authres.count; i++) {
		check_shown(authres.results[i].method);
		check_shown(authres.results[i].result);
		check_shown(authres.results[i].reason);
		check_shown(authres.results[i].property);
	}
	authres_clear(&authres);
}

static void
check_addresses(const char *value, size_t size)
{
	struct addresses addresses;

	addresses_parse(value, size, &addresses);
	for (size_t i = 0; i < addresses.count; i++) {
		check_shown(addresses.list[i].name);
		check_shown(addresses.list[i].address);
		check_shown(addresses.list[i].group);
	}
	for (size_t i = 0; i < addresses.remark_count; i++)
		check_shown(addresses.remarks[i].text);
	addresses_clear(&addresses);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	message_library_init();
	check_received((const char *)data, size);
	check_authres((const char *)data, size);
	check_addresses((const char *)data, size);
	return 0;
}
