/*
 * config_print.c - postlab.conf from the table: as a file with the effective
 * values, and as the list of keys in the manual page.
 */
#include "common/config.h"

#include <string.h>

#include "common/config_table.h"

static void
print_key(const struct config_key *key, const void *base, FILE *to)
{
	struct buf value = BUF_INIT;

	config_format(key, base, &value);
	fprintf(to, "# %s\n%s =%s%s\n", key->meaning, key->name,
	    value.size > 0 ? " " : "", value.data);
	buf_clear(&value);
}

void
config_print(const struct config *config, FILE *to)
{
	const char *section = "";

	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *key = &config_keys[i];

		if (config_is_listener_key(key))
			continue;
		if (strcmp(section, key->section) != 0) {
			fprintf(to, "%s[%s]\n", *section == '\0' ? "" : "\n",
			    key->section);
			section = key->section;
		}
		print_key(key, config, to);
	}
	for (size_t n = 0; n < config->listener_count; n++) {
		fprintf(to, "\n[listen %s]\n", config->listeners[n].name);
		for (size_t i = 0; i < config_key_count; i++) {
			if (config_is_listener_key(&config_keys[i]))
				print_key(&config_keys[i],
				    &config->listeners[n], to);
		}
	}
}

/*
 * mdoc begins a new sentence on a new line and takes a dot or a quote at the
 * start of one for a request; no meaning begins so (a test looks).
 */
static void
print_manual_key(const struct config_key *key, FILE *to)
{
	struct buf values = BUF_INIT;

	config_describe(key, &values);
	fprintf(to, ".It Cm %s\n%s\n", key->name, key->meaning);
	fprintf(to, "Value: %s", values.data);
	if (key->fallback != NULL && *key->fallback != '\0')
		fprintf(to, "; unless set\n.Li \"%s\" .\n", key->fallback);
	else
		fprintf(to, ".\n");
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
			fprintf(to, ".Ss [%s%s]\n.Bl -tag -width Ds\n",
			    key->section,
			    config_is_listener_key(key) ? " NAME" : "");
			section = key->section;
		}
		print_manual_key(key, to);
	}
	fprintf(to, ".El\n");
}
