/*
 * auth_base64.c - base64 as AUTH speaks it (RFC 4648 4), by Nettle.
 *
 * Nettle skips white space; RFC 4954 knows none inside a response, so what is
 * outside the alphabet is refused before.
 */
#include "common/auth.h"

#include <nettle/base64.h>
#include <stdlib.h>
#include <string.h>

void
auth_base64_encode(const void *data, size_t size, struct buf *to)
{
	size_t length = BASE64_ENCODE_RAW_LENGTH(size);
	char *text = xmalloc(length + 1);

	base64_encode_raw(text, size, data);
	buf_add(to, text, length);
	explicit_bzero(text, length);
	free(text);
}

bool
auth_base64_decode(const char *text, struct buf *to)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"
				       "0123456789+/=";
	size_t length = strlen(text);
	size_t size = BASE64_DECODE_LENGTH(length);
	struct base64_decode_ctx context;
	uint8_t *data;
	bool ok;

	if (length % 4 != 0 || strspn(text, alphabet) != length)
		return false;

	data = xmalloc(size + 1);
	base64_decode_init(&context);
	ok = base64_decode_update(&context, &size, data, length, text) == 1 &&
	    base64_decode_final(&context) == 1;
	if (ok)
		buf_add(to, data, size);
	explicit_bzero(data, size);
	free(data);
	return ok;
}
