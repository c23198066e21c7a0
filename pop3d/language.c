/*
 * language.c - UTF8 and LANG (RFC 6856).
 *
 * A message goes out as it is stored, in UTF-8 mode or not (docs/DEVIATIONS.md
 * says why), so the mode changes nothing but what may follow it.
 */
#include <string.h>

#include "common/conn.h"
#include "common/explain.h"
#include "pop3d/answer.h"
#include "pop3d/commands.h"
#include "pop3d/words.h"

struct reply
pop3_utf8(struct session *session, char *argument)
{
	if (argument[strspn(argument, " ")] != '\0')
		return reply_err(session, "%s stands alone", "UTF8");
	session->utf8 = true;
	return reply_ok(session, "UTF-8 it is");
}

static struct reply
list_languages(struct session *session)
{
	answer_begin(session, "the languages I speak");
	for (unsigned i = LANGUAGE_UNSET + 1; i < LANGUAGES; i++)
		conn_putline(session->conn, "%s %s", language_tag(i),
		    language_name(i));
	conn_putline(session->conn, ".");
	return reply_said();
}

/* "*" is what the operator prefers, as far as there are words for it. */
static enum language
find_language(const struct session *session, const char *range)
{
	enum language language;

	if (strcmp(range, "*") != 0)
		return language_find(range);
	language = language_find(session->config->language);
	return language == LANGUAGE_UNSET ? LANGUAGE_ENGLISH : language;
}

struct reply
pop3_lang(struct session *session, char *argument)
{
	size_t length = strcspn(argument, " ");
	enum language language;

	if (argument[strspn(argument, " ")] == '\0')
		return list_languages(session);
	if (argument[length + strspn(argument + length, " ")] != '\0')
		return reply_err(session, "LANG takes one language");
	argument[length] = '\0';
	language = find_language(session, argument);
	if (language == LANGUAGE_UNSET)
		return reply_err(session,
		    "I do not speak that; LANG alone lists what I speak");
	session->language = language;
	if (session->explain)
		explain_speak(language_tag(language));
	return reply_ok(session, "%s from now on in English",
	    language_tag(language));
}
