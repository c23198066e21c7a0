/* transcript_label.c - words in the tables of evidence.sqlite. */
#include "common/transcript_label.h"

#include <ctype.h>

#include "common/mem.h"
#include "common/transcript_wire.h"

const char *
label_kind(unsigned letter)
{
	if (letter == LINE_SERVER)
		return "reply";
	return letter == LINE_AUTH ? "auth" : "command";
}

const char *
label_flaw(unsigned flaw)
{
	static const char *const names[] = { "", "no CRLF", "long", "bad",
		"cut", "dropped" };

	return flaw < COUNT(names) ? names[flaw] : "";
}

void
label_verb(const char *text, size_t size, char verb[LABEL_VERB_SIZE])
{
	size_t n = 0;

	while (n < size && n < LABEL_VERB_SIZE - 1 &&
	    isalnum((unsigned char)text[n])) {
		verb[n] = (char)toupper((unsigned char)text[n]);
		n++;
	}
	if (n < size && text[n] != ' ' && text[n] != '\t')
		n = 0;
	verb[n] = '\0';
}

int
label_code(const char *text, size_t size)
{
	int code = 0;

	if (size < 3 || (size > 3 && text[3] != ' ' && text[3] != '-'))
		return 0;
	for (size_t i = 0; i < 3; i++) {
		if (!isdigit((unsigned char)text[i]))
			return 0;
		code = 10 * code + text[i] - '0';
	}
	return code;
}
