/*
 * config_form.c - whether a text is an address list, an account, a mechanism.
 */
#include "common/config_form.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#include "common/address.h"
#include "common/fault.h"
#include "common/utf8.h"

enum { TEXT_MAX = 200, UTF8_TEXT_MAX = 1000 };

bool
form_next_word(const char **cursor, char word[FORM_WORD_SIZE])
{
	size_t length;

	*cursor += strspn(*cursor, " \t");
	length = strcspn(*cursor, " \t");
	if (length == 0 || length >= FORM_WORD_SIZE)
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
	char word[FORM_WORD_SIZE];

	if (is_unix_path(text))
		return true;
	if (*text == '\0')
		return false;
	while (form_next_word(&text, word)) {
		if (!is_ip(word))
			return false;
	}
	return text[strspn(text, " \t")] == '\0';
}

static bool
is_port(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	long port = strtol(text, NULL, 10);

	return digits >= 1 && digits <= 5 && text[digits] == '\0' &&
	    port >= 1 && port <= 65535;
}

bool
form_is_endpoint(const char *text)
{
	const char *colon = strrchr(text, ':');
	char host[FORM_WORD_SIZE];
	size_t length;
	bool bracketed;

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
	return is_port(colon + 1);
}

bool
form_is_resolvers(const char *text)
{
	char word[FORM_WORD_SIZE];

	if (strcmp(text, "none") == 0)
		return true;
	while (form_next_word(&text, word)) {
		char *at = strchr(word, '@');

		if (at != NULL && !is_port(at + 1))
			return false;
		if (at != NULL)
			*at = '\0';
		if (!is_ip(word))
			return false;
	}
	return text[strspn(text, " \t")] == '\0';
}

bool
form_is_sources(const char *text)
{
	char word[FORM_WORD_SIZE];
	bool old = false; /* IPv4 */
	bool new = false;

	while (form_next_word(&text, word)) {
		bool *family = strchr(word, ':') == NULL ? &old : &new;

		if (!is_ip(word) || *family)
			return false;
		*family = true;
	}
	return text[strspn(text, " \t")] == '\0';
}

bool
form_is_domains(const char *text)
{
	char word[FORM_WORD_SIZE];

	if (*text == '\0')
		return false;
	while (form_next_word(&text, word))
		if (strcmp(word, "*") != 0 &&
		    !domain_is_valid(*word == '.' ? word + 1 : word))
			return false;
	return text[strspn(text, " \t")] == '\0';
}

bool
form_is_peer(const char *text)
{
	return domain_is_valid(text) || is_ip(text);
}

bool
form_is_state_file(const char *text)
{
	const char *part = text;

	if (!form_is_text(text) || *text == '/')
		return false;
	for (; *part != '\0'; part += strspn(part, "/")) {
		size_t length = strcspn(part, "/");

		if (length == 2 && memcmp(part, "..", 2) == 0)
			return false;
		part += length;
	}
	return true;
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
form_is_faults(const char *text)
{
	struct fault_time row;
	bool wrong;

	while (fault_next_time(&text, &row, &wrong))
		continue;
	return !wrong;
}

bool
form_is_utf8(const char *text)
{
	const char *at = text;
	size_t length;

	while (*at != '\0') {
		length = utf8_printable_length(at);
		if (length == 0)
			return false;
		at += length;
	}
	return at - text <= UTF8_TEXT_MAX;
}

bool
form_is_mailbox(const char *text)
{
	struct address address;

	return address_parse(text, &address) && *address.domain != '\0';
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
	char word[FORM_WORD_SIZE];

	if (*text == '\0')
		return false;
	while (form_next_word(&text, word)) {
		int i = form_find_choice(choices, word);

		if (i == -1 || strcmp(choices[i], word) != 0)
			return false;
	}
	return text[strspn(text, " \t")] == '\0';
}
