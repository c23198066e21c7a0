/*
 * received.c - one Received field taken apart.
 *
 * The value is cut into words and comments (received_words.c), walked through
 * with the keyword that came last, and each comment is shown to a table of
 * readers until one of them knows its form.
 */
#include "maildir/received.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "maildir/decode.h"
#include "maildir/received_private.h"

enum { VALUE_LIMIT = 500 };

/*
 * Extended-Domain, Via, With, ID, For (RFC 5321 4.4); the last two are Exim's
 * and Haraka's.
 */
static const struct {
	const char *word;
	enum received_key key;
} keywords[] = {
	/* clang-format off */
	{ "from",          KEY_FROM },
	{ "by",            KEY_BY },
	{ "via",           KEY_VIA },
	{ "with",          KEY_WITH },
	{ "id",            KEY_ID },
	{ "for",           KEY_FOR },
	{ "tls",           KEY_TLS },
	{ "envelope-from", KEY_SENDER },
	/* clang-format on */
};

void
received_set(char **field, const char *text, size_t size)
{
	char *copy;

	if (**field != '\0' || size == 0)
		return;
	copy = strndup(text, size);
	if (copy == NULL)
		return;
	free(*field);
	*field = decode_clean(copy, VALUE_LIMIT);
	free(copy);
}

static enum received_key
find_keyword(const struct received_token *token)
{
	for (size_t i = 0; i < COUNT(keywords); i++)
		if (strlen(keywords[i].word) == token->size &&
		    strncasecmp(keywords[i].word, token->text, token->size) ==
			0)
			return keywords[i].key;
	return KEY_NONE;
}

/* Appends a further word: "Microsoft SMTP Server". */
static void
add_word(char **field, const struct received_token *token)
{
	struct buf text = BUF_INIT;

	if (strlen(*field) + token->size > VALUE_LIMIT)
		return;
	buf_addstr(&text, *field);
	if (text.size > 0)
		buf_addchar(&text, ' ');
	buf_add(&text, token->text, token->size);
	free(*field);
	*field = decode_clean(text.data, VALUE_LIMIT);
	buf_clear(&text);
}

/* Without <>, and without the ; that stands close to it. */
static void
set_path(char **field, const struct received_token *token)
{
	const char *text = token->text;
	size_t size = token->size;

	while (size > 0 && strchr("<>;,", text[size - 1]) != NULL)
		size--;
	while (size > 0 && *text == '<') {
		text++;
		size--;
	}
	received_set(field, text, size);
}

/* The word behind "from"; Exim 3 has an address behind the comment. */
static void
take_client(struct received *r, const struct received_token *token)
{
	char address[RECEIVED_ADDRESS_SIZE];

	if (*r->helo != '\0' && *token->text == '[' &&
	    received_find_address(token->text, token->size, address))
		received_set(&r->address, address, strlen(address));
	received_set(&r->helo, token->text, token->size);
}

static void
take_word(struct received *r, enum received_key key,
    const struct received_token *token)
{
	switch (key) {
	case KEY_FROM:
		take_client(r, token);
		break;
	case KEY_BY:
		received_set(&r->by, token->text, token->size);
		break;
	case KEY_VIA:
		add_word(&r->via, token);
		break;
	case KEY_WITH:
		add_word(&r->with, token);
		break;
	case KEY_ID:
		set_path(&r->id, token);
		break;
	case KEY_FOR:
		set_path(&r->recipient, token);
		break;
	case KEY_TLS:
		add_word(&r->tls, token);
		break;
	case KEY_SENDER:
		set_path(&r->sender, token);
		break;
	case KEY_NONE:
		break;
	}
}

static void
walk(struct received *r, const char *text, size_t size)
{
	enum received_key key = KEY_NONE;
	struct received_token token;
	const char *at = text;

	while (received_next(&at, text + size, &token)) {
		enum received_key found =
		    token.comment ? KEY_NONE : find_keyword(&token);

		if (token.comment)
			received_comment(r, key, token.text, token.size);
		else if (found != KEY_NONE)
			key = found;
		else
			take_word(r, key, &token);
	}
}

/* ";" FWS date-time: behind the last semicolon that is in no comment. */
static size_t
find_date(const char *text)
{
	size_t found = 0;
	int depth = 0;

	for (size_t i = 0; text[i] != '\0'; i++) {
		if (text[i] == '\\' && text[i + 1] != '\0')
			i++;
		else if (text[i] == '(')
			depth++;
		else if (text[i] == ')' && depth > 0)
			depth--;
		else if (text[i] == ';' && depth == 0)
			found = i + 1;
	}
	return found;
}

/* "[192.0.2.1]" where a name should be: that is the address. */
static void
settle_address(struct received *r)
{
	char address[RECEIVED_ADDRESS_SIZE];

	if (*r->address == '\0' && r->helo[0] == '[' &&
	    received_find_address(r->helo, strlen(r->helo), address))
		received_set(&r->address, address, strlen(address));
}

/* Protocols that say that TLS was used (RFC 3848, RFC 6531; qmail). */
static bool
implies_tls(const char *with)
{
	static const char *const names[] = { "ESMTPS", "ESMTPSA", "UTF8SMTPS",
		"UTF8SMTPSA", "LMTPS", "LMTPSA", "SMTPS", "SMTPSA", "HTTPS" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (strncasecmp(with, names[i], strlen(names[i])) == 0 &&
		    strchr(" /", with[strlen(names[i])]) != NULL)
			return true;
	return strcasestr(with, "encrypted") != NULL ||
	    strcasestr(with, "/TLS") != NULL;
}

void
received_parse(const char *value, size_t size, struct received *out)
{
	char *line = decode_unfold(value, size);
	size_t date = find_date(line);
	char **strings[] = { &out->helo, &out->name, &out->address, &out->ident,
		&out->login, &out->by, &out->software, &out->via, &out->with,
		&out->tls, &out->id, &out->recipient, &out->sender };

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < COUNT(strings); i++)
		*strings[i] = xstrdup("");
	if (date > 0) {
		out->date = decode_date(line + date, strlen(line + date));
		out->has_date = out->date != 0;
	}
	walk(out, line, date > 0 ? date - 1 : strlen(line));
	settle_address(out);
	out->encrypted = *out->tls != '\0' || implies_tls(out->with);
	out->format = received_recognise(out);
	free(line);
}

void
received_clear(struct received *r)
{
	char *strings[] = { r->helo, r->name, r->address, r->ident, r->login,
		r->by, r->software, r->via, r->with, r->tls, r->id,
		r->recipient, r->sender };

	for (size_t i = 0; i < COUNT(strings); i++)
		free(strings[i]);
	memset(r, 0, sizeof(*r));
}
