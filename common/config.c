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
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/config_check.h"
#include "common/config_form.h"
#include "common/config_sections.h"
#include "common/config_table.h"
#include "common/log.h"

enum { SECTION_SIZE = 64 };

/* One reading.  Lines are remembered for "was set already in line N". */
struct load {
	struct config *config;
	FILE *file;
	const char *name;
	int line;
	int *key_lines; /* one a row of the table; of the last section */
	int *lines[PART_COUNT]; /* one a section of that part: its header */
	bool failed;
	char *why;
	size_t why_size;
};

/* Keeps the first mistake; later ones are often its consequence. */
PRINTF(3, 4)
static void
complain(struct load *load, int line, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	char sentence[512];
	va_list ap;

	if (load->failed)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	buf_addstr(&text, load->name);
	if (line > 0)
		buf_printf(&text, ":%d", line);
	buf_printf(&text, ": %s", sentence);
	(void)copy_string(load->why, load->why_size, text.data);
	buf_clear(&text);
	load->failed = true;
}

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

	if (n == 0 || load->failed)
		return;
	l = &load->config->listeners[n - 1];
	if (!is_given(load, "protocol"))
		complain(load, load->lines[PART_LISTENER][n - 1],
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
		complain(load, load->line,
		    "the name in [%s NAME] is of letters, digits, - and _",
		    section);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(config_part_name(load->config, part, i), name) ==
		    0) {
			complain(load, load->line,
			    "there is a [%s %s] already in line %d", section,
			    name, load->lines[part][i]);
			return;
		}
	}
	if (part == PART_LISTENER)
		finish_listener(load);

	config_part_add(load->config, part, name);
	load->lines[part] = xrealloc(load->lines[part], (n + 1) * sizeof(int));
	load->lines[part][n] = load->line;
	for (size_t i = 0; i < config_key_count; i++) {
		if (config_part_of(&config_keys[i]) == part)
			load->key_lines[i] = 0;
	}
}

/* Sees a line first; only headers matter here. */
static void
note_section(struct load *load, const char *text)
{
	char section[SECTION_SIZE];
	const char *name;
	enum config_part part;
	size_t length;

	text += strspn(text, " \t");
	if (*text++ != '[')
		return;
	length = strcspn(text, "]\r\n");
	if (text[length] != ']')
		return; /* inih says what is wrong */
	if (length >= sizeof(section)) {
		complain(load, load->line, "the section's name is too long");
		return;
	}
	memcpy(section, text, length);
	section[length] = '\0';
	part = config_part_named(section, &name);
	if (part != PART_WHOLE)
		add_section(load, part, name);
	else if (strcmp(section, "listen") == 0)
		complain(load, load->line,
		    "a listener has a name: [listen mta]");
	else if (strcmp(section, "route") == 0)
		complain(load, load->line, "a route has a name: [route out]");
	else if (!config_has_section(section))
		complain(load, load->line, "there is no section %s",
		    log_safe(section));
}

/* inih's reader: as fgets(). */
static char *
read_line(char *text, int size, void *arg)
{
	struct load *load = arg;
	size_t length;

	if (load->failed || fgets(text, size, load->file) == NULL)
		return NULL;
	load->line++;
	length = strlen(text);
	if ((length == 0 || text[length - 1] != '\n') && !feof(load->file)) {
		complain(load, load->line,
		    "the line is longer than %d bytes or holds a NUL",
		    size - 3);
		return NULL;
	}
	note_section(load, text);
	return load->failed ? NULL : text;
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
		complain(load, load->line, "there is no key %s %s%s%s",
		    log_safe(name), *section == '\0' ? "outside" : "in [",
		    *section == '\0' ? " a section" : section,
		    *section == '\0' ? "" : "]");
		return 0;
	}
	line = &load->key_lines[key - config_keys];
	if (*line != 0)
		complain(load, load->line, "%s was set already in line %d",
		    name, *line);
	*line = load->line;
	if (!config_set(key,
		config_part_at(config, part,
		    config_part_count(config, part) - 1),
		value, &mistake))
		complain(load, load->line, "%s = %s: %s", name, log_safe(value),
		    mistake.data);
	buf_clear(&mistake);
	return load->failed ? 0 : 1;
}

static void
parse(struct load *load)
{
	int rc;

	/* The library's settings are global; ours are the same at each call. */
	ini_allow_multiline = false;
	ini_stop_on_first_error = true;
	config_set_fallbacks(PART_WHOLE, load->config);
	rc = ini_parse_stream(read_line, load, take_key, load);
	if (rc > 0)
		complain(load, rc, "neither [section] nor key = value");
	if (ferror(load->file))
		complain(load, 0, "%s", strerror(errno));
}

static void
check_whole(struct load *load)
{
	struct config *config = load->config;
	struct buf mistake = BUF_INIT;
	struct config_place at = { PART_WHOLE, 0 };

	finish_listener(load);
	if (load->failed)
		return;
	for (size_t i = 0; i < config->route_count; i++)
		if (config->routes[i].port == 0)
			config->routes[i].port =
			    config_port_of_route(config, &config->routes[i]);
	if (!config_is_consistent(config, &at, &mistake))
		complain(load,
		    at.part == PART_WHOLE ? 0 : load->lines[at.part][at.n],
		    "%s", mistake.data);
	else if (config->hostname == NULL)
		config->hostname = xasprintf("mail.%s", config->domain);
	buf_clear(&mistake);
}

struct config *
config_load(const char *file, char *why, size_t size)
{
	struct load load = { .name = file, .why = why, .why_size = size };

	load.file = fopen(file, "re");
	load.config = xcalloc(1, sizeof(*load.config));
	load.key_lines = xcalloc(config_key_count, sizeof(int));
	if (load.file == NULL) {
		complain(&load, 0, "%s", strerror(errno));
	} else {
		parse(&load);
		check_whole(&load);
		fclose(load.file);
	}
	free(load.key_lines);
	for (int part = 0; part < PART_COUNT; part++)
		free(load.lines[part]);
	if (!load.failed)
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
