/*
 * fuzz_received.c - any bytes as a Received field.
 *
 * Beside not crashing: every string is one line of UTF-8 without control
 * characters.
 */
#include <glib.h>
#include <stdint.h>

#include "common/log.h"
#include "common/mem.h"
#include "maildir/received.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct received r;

	received_parse((const char *)data, size, &r);

	const char *const shown[] = { r.helo, r.name, r.address, r.ident,
		r.login, r.by, r.software, r.via, r.with, r.tls, r.id,
		r.recipient, r.sender };

	for (size_t i = 0; i < COUNT(shown); i++) {
		if (!g_utf8_validate(shown[i], -1, NULL))
			panic("shown, and no UTF-8");
		for (const char *c = shown[i]; *c != '\0'; c++)
			if ((*c >= 0 && *c < ' ') || *c == 127)
				panic("a control character is shown");
	}
	if (r.has_date != (r.date != 0))
		panic("a date that is none");
	received_clear(&r);
	return 0;
}
