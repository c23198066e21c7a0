/*
 * fuzz_lmtp.c - any bytes as arguments of XFORWARD and MAIL.
 *
 * Whatever comes, what is kept can stand in front of people, and a reply is
 * one of the protocol.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "mda/lmtp_envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool truth, const char *what)
{
	if (!truth)
		panic("%s", what);
}

static bool
is_clean(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			return false;
	return true;
}

static void
check_reply(const struct reply *r)
{
	expect(r->code == 250 || r->code == 501 || r->code == 552 ||
		r->code == 555,
	    "the reply is one of ours");
	expect(is_clean(r->text), "and can be shown");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lmtp_envelope envelope = { .count = 0 };
	const struct forwarded *kept = &envelope.forwarded;
	char *line = malloc(size + 1);
	struct reply r;

	memcpy(line, data, size);
	line[size] = '\0';
	r = xforward_parse(line, &envelope.forwarded);
	check_reply(&r);
	expect(is_clean(kept->peer) && is_clean(kept->helo) &&
		is_clean(kept->protocol) && is_clean(kept->queue_id) &&
		is_clean(kept->login),
	    "what is kept can be shown");
	r = lmtp_mail(&envelope, line, 1000000);
	check_reply(&r);
	expect(is_clean(envelope.sender), "so can the sender");
	expect(!reply_is_ok(&r) || envelope.declared <= 1000000,
	    "a size beyond the limit is refused");
	lmtp_envelope_clear(&envelope);
	free(line);
	return 0;
}
