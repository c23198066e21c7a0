/* dialog_script.c - reads dialog files, a line a step. */
#include "labs/dialog_script.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"

enum argument { NONE, OPTIONAL, REQUIRED };

/* clang-format off */
static const struct {
	const char *word;
	enum step_kind kind;
	enum argument argument;
} keywords[] = {
	{ "C:",      STEP_SAY,     OPTIONAL },
	{ "C|",      STEP_TEXT,    OPTIONAL },
	{ "C#",      STEP_BYTES,   REQUIRED },
	{ "C<",      STEP_FILE,    REQUIRED },
	{ "S: END",  STEP_END,     NONE },
	{ "S:",      STEP_EXPECT,  OPTIONAL },
	{ "S+",      STEP_REPLY,   REQUIRED },
	{ "S-",      STEP_FIND,    OPTIONAL },
	{ "S!",      STEP_FORBID,  REQUIRED },
	{ "S>",      STEP_SAVE,    REQUIRED },
	{ "CONNECT", STEP_CONNECT, REQUIRED },
	{ "ON",      STEP_ON,      REQUIRED },
	{ "TLS",     STEP_TLS,     OPTIONAL },
	{ "CLOSE",   STEP_CLOSE,   NONE },
	{ "WAIT",    STEP_WAIT,    REQUIRED },
};
/* clang-format on */

bool
step_is_said(enum step_kind kind)
{
	return kind >= STEP_SAY && kind <= STEP_FILE;
}

bool
step_is_heard(enum step_kind kind)
{
	return kind >= STEP_EXPECT && kind <= STEP_SAVE;
}

PRINTF(3, 4)
static bool
mistake(const struct script *script, int line, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", script->path, line);
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return false;
}

static void
add_step(struct script *script, enum step_kind kind, int line, const char *text)
{
	script->steps = xrealloc(script->steps,
	    (script->count + 1) * sizeof(*script->steps));
	script->steps[script->count++] =
	    (struct step){ .kind = kind, .line = line, .text = xstrdup(text) };
}

/*
 * What stands in TEXT behind WORD and one blank, "" for nothing; NULL when
 * TEXT does not begin so.
 */
static const char *
behind(const char *text, const char *word)
{
	size_t size = strlen(word);

	if (strncmp(text, word, size) != 0)
		return NULL;
	text += size;
	/* "C:text" is clear enough, "ONCE" is not "ON". */
	if (*text != '\0' && *text != ' ' && word[1] != ':' &&
	    strchr("|#<+-!>", word[1]) == NULL)
		return NULL;
	return *text == ' ' ? text + 1 : text;
}

/* A line that is neither comment nor step.  False when it is none. */
static bool
read_setting(struct script *script, const char *text)
{
	static const char *const bursts[] = { "no", "yes", "early" };
	const char *value = behind(text, "world:");

	if (script->count > 0)
		return false;
	if (value != NULL) {
		free(script->world);
		script->world = xstrdup(value);
		return true;
	}
	value = behind(text, "burst:");
	for (size_t i = 0; value != NULL && i < COUNT(bursts); i++) {
		if (strcmp(value, bursts[i]) == 0) {
			script->burst = (enum burst)i;
			return true;
		}
	}
	return false;
}

static bool
read_step(struct script *script, int line, const char *text)
{
	for (size_t i = 0; i < COUNT(keywords); i++) {
		const char *argument = behind(text, keywords[i].word);

		if (argument == NULL)
			continue;
		/* "S: ENDED" is an S: line. */
		if (keywords[i].argument == NONE && *argument != '\0' &&
		    keywords[i].kind == STEP_END)
			continue;
		if (keywords[i].argument == NONE && *argument != '\0')
			return mistake(script, line, "%s stands alone",
			    keywords[i].word);
		if (keywords[i].argument == REQUIRED && *argument == '\0')
			return mistake(script, line,
			    "something is missing behind %s", keywords[i].word);
		add_step(script, keywords[i].kind, line, argument);
		return true;
	}
	return mistake(script, line, "what is this line?  (docs/DIALOGS.md)");
}

static bool
read_line(struct script *script, int line, const char *text)
{
	if (*text == '\0')
		return true;
	if (*text == '#') {
		if (*script->title == '\0') {
			free(script->title);
			script->title = xstrdup(text + 1 + (text[1] == ' '));
		}
		return true;
	}
	return read_setting(script, text) || read_step(script, line, text);
}

/* What a single line cannot show. */
static bool
check_order(const struct script *script)
{
	for (size_t i = 0; i < script->count; i++) {
		const struct step *step = &script->steps[i];

		if (i == 0 && step->kind != STEP_CONNECT)
			return mistake(script, step->line,
			    "a dialog begins with CONNECT");
		if (step->kind != STEP_FORBID)
			continue;
		if (i + 1 == script->count ||
		    (step[1].kind != STEP_FORBID && step[1].kind != STEP_FIND))
			return mistake(script, step->line,
			    "behind S! there must be an S- line");
	}
	return true;
}

bool
script_load(const char *path, struct script *script_out)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;
	ssize_t size;
	bool good = true;

	*script_out = (struct script){ .path = xstrdup(path),
		.title = xstrdup(""),
		.world = xstrdup("") };
	if (file == NULL)
		return mistake(script_out, 0, "%s", strerrordesc_np(errno));
	for (int line = 1; (size = getline(&text, &room, file)) > 0; line++) {
		while (size > 0 && strchr("\r\n", text[size - 1]) != NULL)
			text[--size] = '\0';
		good = read_line(script_out, line, text) && good;
	}
	free(text);
	fclose(file);
	return good && check_order(script_out);
}

void
script_clear(struct script *script)
{
	for (size_t i = 0; i < script->count; i++)
		free(script->steps[i].text);
	free(script->steps);
	free(script->path);
	free(script->title);
	free(script->world);
	*script = (struct script){ 0 };
}
