/* admin.c - what the subcommands of postlab share. */
#include "admin/admin.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/buf.h"
#include "common/directory.h"
#include "common/sandbox.h"

static const char *chosen_dir;
static struct config *config;

void
admin_set_dir(const char *dir)
{
	chosen_dir = dir;
}

const char *
admin_dir(void)
{
	const char *dir = chosen_dir;

	if (dir == NULL)
		dir = getenv("POSTLAB_DIR");
	return dir == NULL || *dir == '\0' ? "./var" : dir;
}

const struct config *
admin_enter_as_root(void)
{
	if (config == NULL)
		config = config_enter(admin_dir());
	return config;
}

const struct config *
admin_enter(void)
{
	admin_enter_as_root();
	if (sandbox_drop_root(config->user) == -1)
		exit(EX_NOPERM);
	return config;
}

int
admin_error(int status, const char *fmt, ...)
{
	va_list ap;

	fputs("postlab: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return status;
}

int
admin_refusal(const char *why)
{
	return why == directory_trouble ? EX_TEMPFAIL : EX_DATAERR;
}

bool
admin_parse_address(const char *text, struct address *address_out)
{
	char *full;
	bool good;

	if (strchr(text, '@') != NULL)
		return address_parse(text, address_out);
	full = xasprintf("%s@%s", text, config->domain);
	good = address_parse(full, address_out);
	free(full);
	return good;
}

bool
admin_address(const char *text, bool catch_all, struct address *address_out)
{
	struct buf shown = BUF_INIT;
	char domain[DOMAIN_MAX + 1];

	if (catch_all && text[0] == '@' &&
	    domain_to_ascii(text + 1, domain, sizeof(domain)) &&
	    domain_is_valid(domain)) {
		memset(address_out, 0, sizeof(*address_out));
		(void)copy_string(address_out->domain,
		    sizeof(address_out->domain), domain);
		return true;
	}
	if (admin_parse_address(text, address_out))
		return true;
	admin_field(&shown, text);
	admin_error(EX_DATAERR, "%s is no address", shown.data);
	buf_clear(&shown);
	return false;
}

void
admin_lines(struct buf *to, const char *text, const char *newline)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '\n')
			buf_addstr(to, newline);
		else if (c < ' ' || c > '~' || c == '\\')
			buf_printf(to, "\\x%02X", c);
		else
			buf_addchar(to, *text);
	}
}

void
admin_field(struct buf *to, const char *text)
{
	admin_lines(to, text, "\\x0A");
}

int
admin_run_verb(const struct admin_verb *verbs, size_t count, int argc,
    char **argv)
{
	int arguments = argc - 2;

	for (size_t i = 0; argc > 1 && i < count; i++) {
		if (strcmp(verbs[i].name, argv[1]) != 0)
			continue;
		if (arguments < verbs[i].min_arguments ||
		    arguments > verbs[i].max_arguments)
			return EX_USAGE;
		return verbs[i].run(argc - 1, argv + 1);
	}
	return EX_USAGE;
}

int
admin_list(int (*list)(struct directory *directory))
{
	struct directory *directory;
	int status = EX_OK;

	admin_enter();
	directory = directory_open(true);
	if (directory == NULL || list(directory) == -1)
		status = EX_TEMPFAIL;
	directory_close(directory);
	return status;
}
