/*
 * config.c - reads postlab.conf.
 *
 * inih reads the lines; which keys there are and what they may be is in
 * config_table.c.  The first mistake ends the reading with one sentence that
 * begins with file and line, so it can be clicked on in an editor.
 *
 * inih calls back for keys only and does not say the line, so its reader is
 * ours: it counts, notices section headers and refuses a line that inih would
 * silently cut in two.
 */
#include "common/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/config_check.h"
#include "common/config_form.h"
#include "common/config_sections.h"
#include "common/config_table.h"
#include "common/ini_file.h"
#include "common/log.h"

/* One reading.  Lines are remembered for "was set already in line N". */
struct load {
	struct config *config;
	struct ini_file ini;
	int *key_lines; /* one a row of the table; of the last section */
	int *lines[PART_COUNT]; /* one a section of that part: its header */
};

static bool
is_given(const struct load *load, const char *name)
{
	return load->key_lines[config_find_key("listen", name) - config_keys] !=
	    0;
}

/* Fills in what the section that ends here has not said. */
static void
finish_listener(struct load *load)
{
	size_t n = load->config->listener_count;
	struct listener *l;

	if (n == 0 || load->ini.failed)
		return;
	l = &load->config->listeners[n - 1];
	if (!is_given(load, "protocol"))
		ini_file_complain(&load->ini, load->lines[PART_LISTENER][n - 1],
		    "[listen %s] needs protocol = mta, msa, lmtp or pop3",
		    l->name);
	if (!is_given(load, "tls"))
		l->tls = l->protocol == PROTO_LMTP ? TLS_OFF : TLS_STARTTLS;
	if (!is_given(load, "auth"))
		l->auth = l->protocol == PROTO_MSA ? AUTH_REQUIRED : AUTH_OFF;
	if (!is_given(load, "sender_policy"))
		l->sender_policy =
		    l->leniency == CLASSROOM ? SENDER_FREE : SENDER_ALIAS;
	if (!is_given(load, "port"))
		l->port = config_well_known_port(l);
}

static void
add_section(struct load *load, enum config_part part, const char *name)
{
	const char *section = config_part_section(part);
	size_t n = config_part_count(load->config, part);

	if (!config_is_section_name(name)) {
		ini_file_complain(&load->ini, load->ini.line,
		    "the name in [%s NAME] is of letters, digits, - and _",
		    section);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(config_part_name(load->config, part, i), name) ==
		    0) {
			ini_file_complain(&load->ini, load->ini.line,
			    "there is a [%s %s] already in line %d", section,
			    name, load->lines[part][i]);
			return;
		}
	}
	if (part == PART_LISTENER)
		finish_listener(load);

	config_part_add(load->config, part, name);
	load->lines[part] = xrealloc(load->lines[part], (n + 1) * sizeof(int));
	load->lines[part][n] = load->ini.line;
	for (size_t i = 0; i < config_key_count; i++) {
		if (config_part_of(&config_keys[i]) == part)
			load->key_lines[i] = 0;
	}
}

static void
note_section(void *arg, const char *section)
{
	struct load *load = arg;
	const char *name;
	enum config_part part;

	part = config_part_named(section, &name);
	if (part != PART_WHOLE)
		add_section(load, part, name);
	else if (strcmp(section, "listen") == 0)
		ini_file_complain(&load->ini, load->ini.line,
		    "a listener has a name: [listen mta]");
	else if (strcmp(section, "route") == 0)
		ini_file_complain(&load->ini, load->ini.line,
		    "a route has a name: [route out]");
	else if (!config_has_section(section))
		ini_file_complain(&load->ini, load->ini.line,
		    "there is no section %s", log_safe(section));
}

/* inih's handler: one key. */
static int
take_key(void *arg, const char *section, const char *name, const char *value)
{
	struct load *load = arg;
	struct config *config = load->config;
	const char *unused;
	enum config_part part = config_part_named(section, &unused);
	const struct config_key *key =
	    config_find_key(part == PART_WHOLE ? section
					       : config_part_section(part),
		name);
	struct buf mistake = BUF_INIT;
	int *line;

	if (key == NULL) {
		ini_file_complain(&load->ini, load->ini.line,
		    "there is no key %s %s%s%s", log_safe(name),
		    *section == '\0' ? "outside" : "in [",
		    *section == '\0' ? " a section" : section,
		    *section == '\0' ? "" : "]");
		return 0;
	}
	line = &load->key_lines[key - config_keys];
	if (*line != 0)
		ini_file_complain(&load->ini, load->ini.line,
		    "%s was set already in line %d", name, *line);
	*line = load->ini.line;
	if (!config_set(key,
		config_part_at(config, part,
		    config_part_count(config, part) - 1),
		value, &mistake))
		ini_file_complain(&load->ini, load->ini.line, "%s = %s: %s",
		    name, log_safe(value), mistake.data);
	buf_clear(&mistake);
	return load->ini.failed ? 0 : 1;
}

static void
check_whole(struct load *load)
{
	struct config *config = load->config;
	struct buf mistake = BUF_INIT;
	struct config_place at = { PART_WHOLE, 0 };

	finish_listener(load);
	if (load->ini.failed)
		return;
	for (size_t i = 0; i < config->route_count; i++)
		if (config->routes[i].port == 0)
			config->routes[i].port =
			    config_port_of_route(config, &config->routes[i]);
	if (!config_is_consistent(config, &at, &mistake))
		ini_file_complain(&load->ini,
		    at.part == PART_WHOLE ? 0 : load->lines[at.part][at.n],
		    "%s", mistake.data);
	else if (config->hostname == NULL)
		config->hostname = xasprintf("mail.%s", config->domain);
	buf_clear(&mistake);
}

struct config *
config_load(const char *file, char *why, size_t size)
{
	struct load load = {
		.ini = { .name = file,
		    .why = why,
		    .why_size = size,
		    .section = note_section,
		    .key = take_key },
	};

	load.ini.file = fopen(file, "re");
	load.ini.arg = &load;
	load.config = xcalloc(1, sizeof(*load.config));
	load.key_lines = xcalloc(config_key_count, sizeof(int));
	if (load.ini.file == NULL) {
		ini_file_complain(&load.ini, 0, "%s", strerror(errno));
	} else {
		config_set_fallbacks(PART_WHOLE, load.config);
		ini_file_parse(&load.ini);
		check_whole(&load);
		fclose(load.ini.file);
	}
	free(load.key_lines);
	for (int part = 0; part < PART_COUNT; part++)
		free(load.lines[part]);
	if (!load.ini.failed)
		return load.config;
	config_free(load.config);
	return NULL;
}

struct config *
config_enter(const char *dir)
{
	char why[1024];
	struct config *config;

	if (dir == NULL)
		dir = getenv("POSTLAB_DIR");
	if (dir == NULL || *dir == '\0')
		dir = "./var";
	if (chdir(dir) == -1) {
		fprintf(stderr, "%s: %s%s\n", log_safe(dir), strerror(errno),
		    errno == ENOENT ? "; postlab -d DIR init makes one" : "");
		exit(EXIT_CONFIG);
	}
	config = config_load("postlab.conf", why, sizeof(why));
	if (config == NULL) {
		fprintf(stderr, "%s\n", why);
		exit(EXIT_CONFIG);
	}
	return config;
}

bool
config_offers(const struct listener *listener, const char *keyword)
{
	return config_lists(listener->extensions, keyword);
}

bool
config_records(const struct config *config, enum protocol protocol)
{
	for (size_t i = 0; i < config->listener_count; i++)
		if (config->listeners[i].protocol == protocol &&
		    config->listeners[i].evidence)
			return true;
	return false;
}

bool
config_lists(const char *words, const char *word)
{
	return form_has_word(words, word);
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	config_clear_parts(config);
	free(config);
}
