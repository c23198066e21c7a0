/*
 * fuzz_query.c - any bytes as a query.
 *
 * It is understood or refused in a sentence; understood, it says yes or no of a
 * message, and its contrary says the opposite.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "maildir/query.h"

enum { TEXT_MAX = 2000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct index_entry entry = {
	.uid = 1,
	.name = "1.a:2,S",
	.octets = 20480,
	.received = 1795083700,
	.date = 1795083664,
	.flags = "FS",
	.from = "J\xC3\xB6rg M\xC3\xBCller <joerg@campus.example>",
	.to = "Bob <bob@campus.example>",
	.subject = "Re: Cami\xC3\xB3n, the annual report",
	.message_id = "one@campus.example",
	.in_reply_to = "",
	.references = "",
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[200] = "";
	char *text;
	char *contrary;
	struct query *query;
	struct query *other;

	if (size > TEXT_MAX)
		return 0;
	text = xasprintf("%.*s", (int)size, (const char *)data);
	contrary = xasprintf("not (%s)", text);
	query = query_parse(text, why, sizeof(why));
	if ((query == NULL) != (*why != '\0'))
		panic("refused without a word, or taken with one");
	other = query_parse(contrary, why, sizeof(why));
	/* One bracket more than were opened is of a word, but not there. */
	if (query != NULL && other != NULL && strchr(text, ')') == NULL &&
	    query_match(query, &entry) == query_match(other, &entry))
		panic("both \"%s\" and its contrary", text);
	if (query != NULL)
		(void)query_reads_text(query);
	query_free(query);
	query_free(other);
	free(contrary);
	free(text);
	return 0;
}
