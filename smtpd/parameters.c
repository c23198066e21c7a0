/*
 * parameters.c - ESMTP parameters, a row each.
 *
 * Mail-parameters = esmtp-param *(SP esmtp-param)
 * esmtp-param = esmtp-keyword ["=" esmtp-value]           RFC 5321 4.1.2
 */
#include "smtpd/parameters.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/address.h"

enum { WORD_SIZE = 1024, SHOWN_MAX = 60 };

struct parameter {
	const char *keyword;
	/* VALUE is NULL without "=".  False when it is wrong. */
	bool (*take)(struct mail_parameters *parameters, const char *value);
	const char *mistake;
};

/* size-value = 1*20DIGIT; more than fits is as good as too big. */
static bool
take_size(struct mail_parameters *parameters, const char *value)
{
	size_t digits = value == NULL ? 0 : strspn(value, "0123456789");

	if (digits == 0 || digits > 20 || value[digits] != '\0')
		return false;
	parameters->size = strtoll(value, NULL, 10);
	return true;
}

static bool
take_body(struct mail_parameters *parameters, const char *value)
{
	if (value == NULL)
		return false;
	parameters->eight_bit = strcasecmp(value, "8BITMIME") == 0;
	return parameters->eight_bit || strcasecmp(value, "7BIT") == 0;
}

/*
 * AUTH=<> or AUTH=xtext: who sent it first, by the word of the client.  It is
 * not passed on, which RFC 4954 5 allows: to us no client is that trusted.
 */
static bool
take_auth(struct mail_parameters *parameters, const char *value)
{
	char identity[WORD_SIZE];

	(void)parameters;
	return value != NULL && *value != '\0' &&
	    (strcmp(value, "<>") == 0 ||
		xtext_decode(value, identity, sizeof(identity)));
}

/* clang-format off */
static const struct parameter of_mail[] = {
	{ "SIZE", take_size, "Bad message size syntax" },
	{ "BODY", take_body, "BODY is 7BIT or 8BITMIME" },
	{ "AUTH", take_auth, "AUTH is <> or an address in xtext" },
};
/* clang-format on */

/* WORD as it may be shown: cut, and only what prints. */
static const char *
show(const char *word)
{
	static char shown[SHOWN_MAX + 1];
	size_t n = 0;

	for (; n < SHOWN_MAX && word[n] != '\0'; n++)
		shown[n] = word[n] > ' ' && word[n] <= '~' ? word[n] : '?';
	shown[n] = '\0';
	return shown;
}

static struct reply
unsupported(const char *word)
{
	return reply(555, "5.5.4 Unsupported option: %s", show(word));
}

/*
 * Copies the next word at *CURSOR, with "=" and VALUE cut off; *VALUE is NULL
 * without one.  False at the end.
 */
static bool
next_word(const char **cursor, char word[WORD_SIZE], char **value)
{
	const char *start = *cursor + strspn(*cursor, " \t");
	size_t length = strcspn(start, " \t");

	*cursor = start + length;
	if (length == 0)
		return false;
	if (length >= WORD_SIZE)
		length = WORD_SIZE - 1;
	memcpy(word, start, length);
	word[length] = '\0';
	*value = strchr(word, '=');
	return true;
}

/* The row of WORD, whose value begins at EQUALS. */
static const struct parameter *
find_parameter(const struct mail_parameters *parameters, const char *word,
    const char *equals)
{
	size_t length = equals == NULL ? strlen(word) : (size_t)(equals - word);

	for (size_t i = 0; i < COUNT(of_mail); i++) {
		const char *keyword = of_mail[i].keyword;

		if (of_mail[i].take == take_auth && !parameters->auth_offered)
			continue;
		if (strlen(keyword) == length &&
		    strncasecmp(keyword, word, length) == 0)
			return &of_mail[i];
	}
	return NULL;
}

struct reply
parameters_of_mail(const char *text, struct mail_parameters *parameters)
{
	char word[WORD_SIZE];
	char *equals;

	while (next_word(&text, word, &equals)) {
		const struct parameter *found =
		    find_parameter(parameters, word, equals);
		unsigned bit;

		if (found == NULL)
			return unsupported(word);
		bit = 1U << (found - of_mail);
		if ((parameters->seen & bit) != 0)
			return reply(501, "5.5.4 %s is given twice",
			    found->keyword);
		parameters->seen |= bit;
		if (!found->take(parameters,
			equals == NULL ? NULL : equals + 1))
			return reply(501, "5.5.4 %s", found->mistake);
	}
	return reply(250, "2.1.0 Ok");
}

struct reply
parameters_of_rcpt(const char *text)
{
	char word[WORD_SIZE];
	char *equals;

	if (next_word(&text, word, &equals))
		return unsupported(word);
	return reply(250, "2.1.5 Ok");
}
