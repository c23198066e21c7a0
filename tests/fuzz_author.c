/*
 * fuzz_author.c - any bytes as From and as Authentication-Results.
 *
 * What is found is a host's name in lower case; and a field that says our name
 * in the plainest way is ours whatever follows.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "smtpd/author.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char host[] = "mail.campus.example";
	char domain[DOMAIN_MAX + 1];
	struct authors authors;
	struct buf text = BUF_INIT;

	buf_add(&text, data, size);
	if (author_domain(text.data, text.size, domain)) {
		if (!domain_is_valid(domain))
			abort();
		for (const char *c = domain; *c != '\0'; c++)
			if (isupper((unsigned char)*c))
				abort();
	}
	author_domains(text.data, text.size, &authors);
	for (size_t i = 0; i < authors.count; i++)
		if (!domain_is_valid(authors.domains[i]))
			abort();
	(void)author_claims(text.data, text.size, host);
	buf_reset(&text);
	buf_printf(&text, " %s; ", host);
	buf_add(&text, data, size);
	if (!author_claims(text.data, text.size, host))
		abort();
	buf_clear(&text);
	return 0;
}
