/*
 * config_form.c - whether a text is an address list, an account, a mechanism.
 */
#include "common/config_form.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

enum { WORD_SIZE = 256, TEXT_MAX = 200 };

/* Copies the next blank-separated word; false at the end or when too long. */
static bool
next_word(const char **cursor, char word[WORD_SIZE])
{
	size_t length;

	*cursor += strspn(*cursor, " \t");
	length = strcspn(*cursor, " \t");
	if (length == 0 || length >= WORD_SIZE)
		return false;
	memcpy(word, *cursor, length);
	word[length] = '\0';
	*cursor += length;
	return true;
}

static bool
is_ip(const char *text)
{
	struct in6_addr address;

	return inet_pton(AF_INET, text, &address) == 1 ||
	    inet_pton(AF_INET6, text, &address) == 1;
}

static bool
is_unix_path(const char *text)
{
	size_t room = sizeof(((struct sockaddr_un *)NULL)->sun_path);

	if (strncmp(text, "unix:", 5) != 0)
		return false;
	text += 5;
	return *text != '\0' && strlen(text) < room &&
	    text[strcspn(text, " \t")] == '\0';
}

bool
form_is_addresses(const char *text)
{
	char word[WORD_SIZE];

	if (is_unix_path(text))
		return true;
	if (*text == '\0')
		return false;
	while (next_word(&text, word)) {
		if (!is_ip(word))
			return false;
	}
	return text[strspn(text, " \t")] == '\0';
}

bool
form_is_endpoint(const char *text)
{
	const char *colon = strrchr(text, ':');
	char host[WORD_SIZE];
	size_t length;
	bool bracketed;
	long port;

	if (is_unix_path(text))
		return true;
	if (colon == NULL || strlen(text) >= sizeof(host))
		return false;
	bracketed = text[0] == '[' && colon > text && colon[-1] == ']';
	length = (size_t)(colon - text) - (bracketed ? 2 : 0);
	memcpy(host, text + (bracketed ? 1 : 0), length);
	host[length] = '\0';
	if (bracketed != (strchr(host, ':') != NULL) || !is_ip(host))
		return false;
	length = strspn(colon + 1, "0123456789");
	if (length < 1 || length > 5 || colon[1 + length] != '\0')
		return false;
	port = strtol(colon + 1, NULL, 10);
	return port >= 1 && port <= 65535;
}

bool
form_is_account(const char *text)
{
	return text[strspn(text,
		   "abcdefghijklmnopqrstuvwxyz"
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] == '\0' &&
	    *text != '-';
}

bool
form_is_text(const char *text)
{
	size_t n = 0;

	while (n <= TEXT_MAX && text[n] >= ' ' && text[n] <= '~')
		n++;
	return text[n] == '\0';
}

bool
form_has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	while (*(text += strspn(text, " \t")) != '\0') {
		size_t n = strcspn(text, " \t");

		if (n == length && strncasecmp(text, word, n) == 0)
			return true;
		text += n;
	}
	return false;
}

int
form_find_choice(const char *const *choices, const char *word)
{
	for (int i = 0; choices[i] != NULL; i++) {
		if (strcasecmp(choices[i], word) == 0)
			return i;
	}
	return -1;
}

bool
form_is_words(const char *const *choices, const char *text)
{
	char word[WORD_SIZE];

	if (*text == '\0')
		return false;
	while (next_word(&text, word)) {
		int i = form_find_choice(choices, word);

		if (i == -1 || strcmp(choices[i], word) != 0)
			return false;
	}
	return text[strspn(text, " \t")] == '\0';
}
