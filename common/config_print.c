/*
 * config_print.c - postlab.conf from the table: as a file with the effective
 * values, and as the list of keys in the manual page.
 */
#include "common/config.h"

#include <stdbool.h>
#include <string.h>

#include "common/config_sections.h"
#include "common/config_table.h"

enum { LINE_WIDTH = 78 };

static void
print_key(const struct config_key *key, const void *base, FILE *to)
{
	struct buf value = BUF_INIT;

	config_format(key, base, &value);
	fprintf(to, "# %s\n%s =%s%s\n", key->meaning, key->name,
	    value.size > 0 ? " " : "", value.data);
	buf_clear(&value);
}

static void
print_sections(const struct config *config, enum config_part part, FILE *to)
{
	for (size_t n = 0; n < config_part_count(config, part); n++) {
		fprintf(to, "\n[%s %s]\n", config_part_section(part),
		    config_part_name(config, part, n));
		for (size_t i = 0; i < config_key_count; i++)
			if (config_part_of(&config_keys[i]) == part)
				print_key(&config_keys[i],
				    config_part_look(config, part, n), to);
	}
}

void
config_print(const struct config *config, FILE *to)
{
	const char *section = "";

	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *key = &config_keys[i];

		if (config_part_of(key) != PART_WHOLE)
			continue;
		if (strcmp(section, key->section) != 0) {
			fprintf(to, "%s[%s]\n", *section == '\0' ? "" : "\n",
			    key->section);
			section = key->section;
		}
		print_key(key, config, to);
	}
	print_sections(config, PART_LISTENER, to);
	print_sections(config, PART_ROUTE, to);
}

/*
 * Text of a manual page, in lines of at most 78 bytes.  mdoc takes a line that
 * begins with a dot or an apostrophe for a request.
 */
static void
print_wrapped(const char *text, FILE *to)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t length = strcspn(text, " ");

		if (column > 0 && column + 1 + length > LINE_WIDTH) {
			fputc('\n', to);
			column = 0;
		}
		if (column > 0)
			column += (size_t)fprintf(to, " ");
		else if (*text == '.' || *text == '\'')
			fprintf(to, "\\&");
		column += (size_t)fprintf(to, "%.*s", (int)length, text);
		text += length;
		text += strspn(text, " ");
	}
	fputc('\n', to);
}

static void
print_manual_key(const struct config_key *key, FILE *to)
{
	struct buf values = BUF_INIT;
	bool unset = key->fallback == NULL || *key->fallback == '\0';

	buf_addstr(&values, "Value: ");
	config_describe(key, &values);
	buf_addstr(&values, unset ? "." : "; unless set");
	fprintf(to, ".It Cm %s\n", key->name);
	print_wrapped(key->meaning, to);
	print_wrapped(values.data, to);
	if (!unset)
		fprintf(to, ".Ql %s .\n", key->fallback);
	buf_clear(&values);
}

void
config_print_manual(FILE *to)
{
	const char *section = "";

	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *key = &config_keys[i];

		if (strcmp(section, key->section) != 0) {
			if (*section != '\0')
				fprintf(to, ".El\n");
			fprintf(to, ".Ss [%s%s]\\&\n.Bl -tag -width Ds\n",
			    key->section,
			    config_part_of(key) == PART_WHOLE ? "" : " NAME");
			section = key->section;
		}
		print_manual_key(key, to);
	}
	fprintf(to, ".El\n");
}
