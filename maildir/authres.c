/*
 * authres.c - an Authentication-Results field taken apart (RFC 8601 2.2).
 *
 *   authres-payload = authserv-id [ authres-version ] ( no-result / 1*resinfo )
 *   resinfo = ";" methodspec [ reasonspec ] *( propspec )
 *   methodspec = method [ "/" version ] "=" result
 *   reasonspec = ( "reason" / "action" ) "=" value
 *   propspec = ptype "." property "=" pvalue
 *
 * Comments may stand anywhere; some checkers give the reason there.
 */
#include "maildir/authres.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/buf.h"
#include "maildir/decode.h"

enum { RESULT_MAX = 50, TEXT_MAX = 200 };

/* One clause, between semicolons: its words, and what is in comments. */
struct clause {
	struct buf words; /* blanks around = are taken away */
	struct buf comment;
};

/* Stands for a blank within quotes while words are told apart. */
enum { QUOTED_BLANK = 0x1f };

/* Copies a quoted string without its quotes. */
static const char *
copy_quoted(const char *at, struct buf *to)
{
	for (at++; *at != '\0' && *at != '"'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
		buf_addchar(to, *at == ' ' ? QUOTED_BLANK : *at);
	}
	return *at == '"' ? at + 1 : at;
}

static const char *
copy_comment(const char *at, struct buf *to)
{
	int depth = 0;

	if (to->size > 0)
		buf_addchar(to, ' ');
	for (; *at != '\0'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
		else if (*at == '(' && depth++ == 0)
			continue;
		else if (*at == ')' && --depth == 0)
			return at + 1;
		if (to->size < TEXT_MAX)
			buf_addchar(to, *at);
	}
	return at;
}

/* Blanks around these mean nothing (RFC 8601 2.2: CFWS). */
static bool
is_joint(char c)
{
	return c == '=' || c == '/' || c == '.';
}

static void
add_char(struct buf *words, char c)
{
	char last = words->size > 0 ? words->data[words->size - 1] : ' ';

	if (c == ' ' && (last == ' ' || is_joint(last)))
		return;
	if (is_joint(c) && words->size > 0 && last == ' ')
		words->data[--words->size] = '\0';
	buf_addchar(words, c);
}

/* Takes the clause at AT; returns where its semicolon, or the end, is. */
static const char *
take_clause(const char *at, struct clause *clause)
{
	buf_reset(&clause->words);
	buf_reset(&clause->comment);
	while (*at != '\0' && *at != ';') {
		if (*at == '(')
			at = copy_comment(at, &clause->comment);
		else if (*at == '"')
			at = copy_quoted(at, &clause->words);
		else
			add_char(&clause->words, *at++);
	}
	return at;
}

/* The word at *AT, or NULL. */
static char *
next_word(const char **at)
{
	struct buf word = BUF_INIT;
	size_t size;

	*at += strspn(*at, " ");
	size = strcspn(*at, " ");
	if (size == 0)
		return NULL;
	for (size_t i = 0; i < size; i++)
		buf_addchar(&word, (*at)[i] == QUOTED_BLANK ? ' ' : (*at)[i]);
	*at += size;
	return buf_steal(&word);
}

static void
lower(char *text)
{
	for (; *text != '\0'; text++)
		*text = (char)tolower((unsigned char)*text);
}

/* method [ "/" version ] "=" result, in lower case.  False when it is none. */
static bool
read_method(const char *word, struct authres_result *out)
{
	size_t method = strcspn(word, "/=");
	const char *equal = strchr(word, '=');

	if (equal == NULL || method == 0 || equal[1] == '\0')
		return false;
	out->method = decode_clean(word, method);
	out->result = decode_clean(equal + 1, TEXT_MAX);
	lower(out->method);
	lower(out->result);
	return true;
}

static char *
clean(const struct buf *text)
{
	return decode_clean(text->data, TEXT_MAX);
}

/* Reads a clause with a result into AUTHRES. */
static void
take_result(struct authres *authres, const struct clause *clause)
{
	struct authres_result result = { 0 };
	struct buf property = BUF_INIT;
	struct buf reason = BUF_INIT;
	const char *at = clause->words.data;
	char *word = next_word(&at);
	bool good = word != NULL && read_method(word, &result);

	free(word);
	if (!good || authres->count == RESULT_MAX) {
		free(result.method);
		free(result.result);
		return;
	}
	for (word = next_word(&at); word != NULL; word = next_word(&at)) {
		if (strncasecmp(word, "reason=", 7) == 0)
			buf_addstr(&reason, word + 7);
		else if (strchr(word, '=') != NULL && property.size < TEXT_MAX)
			buf_printf(&property, "%s%s",
			    property.size > 0 ? " " : "", word);
		free(word);
	}
	result.reason = clean(reason.size > 0 ? &reason : &clause->comment);
	result.property = clean(&property);
	authres->results = xrealloc(authres->results,
	    (authres->count + 1) * sizeof(authres->results[0]));
	authres->results[authres->count++] = result;
	buf_clear(&property);
	buf_clear(&reason);
}

void
authres_parse(const char *value, size_t size, struct authres *out)
{
	char *line = decode_unfold(value, size);
	struct clause clause = { .words = BUF_INIT, .comment = BUF_INIT };
	const char *at = take_clause(line, &clause);
	const char *words = clause.words.data;
	char *authserv = next_word(&words);

	*out = (struct authres){ 0 };
	out->authserv =
	    decode_clean(authserv == NULL ? "" : authserv, TEXT_MAX);
	free(authserv);
	while (*at == ';') {
		at = take_clause(at + 1, &clause);
		take_result(out, &clause);
	}
	buf_clear(&clause.words);
	buf_clear(&clause.comment);
	free(line);
}

void
authres_clear(struct authres *authres)
{
	for (size_t i = 0; i < authres->count; i++) {
		free(authres->results[i].method);
		free(authres->results[i].result);
		free(authres->results[i].reason);
		free(authres->results[i].property);
	}
	free(authres->results);
	free(authres->authserv);
	*authres = (struct authres){ 0 };
}

bool
authres_says(const struct authres *authres, const char *method,
    const char *result)
{
	for (size_t i = 0; i < authres->count; i++)
		if (strcmp(authres->results[i].method, method) == 0 &&
		    strcmp(authres->results[i].result, result) == 0)
			return true;
	return false;
}
