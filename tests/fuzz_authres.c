/*
 * fuzz_authres.c - any bytes as Authentication-Results.
 *
 * Beside not crashing: every string is one line of UTF-8 without control
 * characters.
 */
#include <glib.h>
#include <stdint.h>

#include "common/log.h"
#include "maildir/authres.h"

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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct authres authres;

	authres_parse((const char *)data, size, &authres);
	check_shown(authres.authserv);
	for (size_t i = 0; i < authres.count; i++) {
		check_shown(authres.results[i].method);
		check_shown(authres.results[i].result);
		check_shown(authres.results[i].reason);
		check_shown(authres.results[i].property);
	}
	authres_clear(&authres);
	return 0;
}
