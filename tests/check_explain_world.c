/* check_explain_world.c - what the suites of explain mode share. */
#include "tests/check_explain_world.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "common/buf.h"
#include "common/explain.h"
#include "common/log.h"
#include "tests/check_folder.h"

char explain_language[8];
char explain_file[32];
struct listener explain_listener = { .explain = true };
struct config explain_config = {
	.language = explain_language,
	.explain_file = explain_file,
	.listeners = &explain_listener,
	.listener_count = 1,
};

void
explain_enter(void)
{
	folder_enter();
	strcpy(explain_language, "en");
	strcpy(explain_file, "");
	explain_listener.explain = true;
	log_set_level(LOG_ERROR + 1);
}

void
explain_leave(void)
{
	explain_listener.explain = false;
	explain_configure(&explain_config);
	folder_leave();
}

void
explain_write(const char *text)
{
	FILE *out = fopen("own.ini", "we");

	ck_assert_ptr_nonnull(out);
	fputs(text, out);
	ck_assert_int_eq(fclose(out), 0);
	strcpy(explain_file, "own.ini");
}

struct sentences
explain_read(const char *wanted)
{
	const struct sentences_source source = sentences_built_in();
	struct sentences sentences;
	struct buf why = BUF_INIT;

	ck_assert_msg(sentences_read(&sentences, &source, wanted, &why), "%s",
	    why.data);
	buf_clear(&why);
	return sentences;
}

void
ck_explain_finds(const char *said, const char *typed, const char *name)
{
	struct sentences sentences = explain_read("en");
	const struct sentence *found = sentences_find(&sentences, said, typed);

	ck_assert_ptr_nonnull(found);
	ck_assert_str_eq(found->name, name);
	sentences_clear(&sentences);
}
