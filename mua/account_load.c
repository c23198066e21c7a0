/*
 * account_load.c - reads mua.conf.
 *
 * inih reads the lines, as it does for postlab.conf (common/config.c); which
 * keys there are is in account_table.c.  The first mistake ends the reading
 * with one sentence that begins with file and line.
 *
 * The file says which commands are run and whom passwords are sent to, so it
 * must be the person's own and closed to others.
 */
#include "mua/account.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/ini_file.h"
#include "common/log.h"
#include "mua/account_table.h"

static const char account_word[] = "account ";

struct load {
	struct account_list *accounts;
	struct ini_file ini;
	int section_line; /* of the account that is being read */
	int *key_lines;   /* one a row of the table; of the last section */
};

/* The account whose section ends here is whole now. */
static void
finish_account(struct load *load)
{
	struct account_list *accounts = load->accounts;
	struct account *account;
	const char *fault;

	if (load->section_line == 0 || load->ini.failed)
		return;
	account = &accounts->items[accounts->count - 1];
	fault = account_fault(account);
	if (fault != NULL)
		ini_file_complain(&load->ini, load->section_line,
		    "[account %s] %s", account->name, fault);
	else
		account_complete(account);
	load->section_line = 0;
}

static void
begin_account(struct load *load, const char *name)
{
	if (!account_is_name(name)) {
		ini_file_complain(&load->ini, load->ini.line,
		    "the name in [account NAME] is of letters, digits, "
		    "-, _, . and @");
		return;
	}
	if (accounts_find(load->accounts, name) != NULL) {
		ini_file_complain(&load->ini, load->ini.line,
		    "there is an [account %s] already above", name);
		return;
	}
	accounts_append(load->accounts, name);
	load->section_line = load->ini.line;
}

static void
note_section(void *arg, const char *section)
{
	struct load *load = arg;

	finish_account(load);
	memset(load->key_lines, 0, account_key_count * sizeof(int));
	if (strncmp(section, account_word, strlen(account_word)) == 0)
		begin_account(load, section + strlen(account_word));
	else if (strcmp(section, "account") == 0)
		ini_file_complain(&load->ini, load->ini.line,
		    "an account has a name: [account home]");
	else if (strcmp(section, "mua") != 0)
		ini_file_complain(&load->ini, load->ini.line,
		    "there is no section %s", log_safe(section));
}

/* There is no such key: what the person may have meant. */
static void
complain_unknown(struct load *load, const char *section, const char *name)
{
	if (*section == '\0')
		ini_file_complain(&load->ini, load->ini.line,
		    "%s stands before the first section: [account NAME]",
		    log_safe(name));
	else if (strstr(name, "password") != NULL)
		ini_file_complain(&load->ini, load->ini.line,
		    "%s: a password does not belong into this file; "
		    "password_command names a command that prints it, and "
		    "without one you are asked",
		    log_safe(name));
	else
		ini_file_complain(&load->ini, load->ini.line,
		    "there is no key %s in [%s]", log_safe(name), section);
}

/* inih's handler: one key. */
static int
take_key(void *arg, const char *section, const char *name, const char *value)
{
	struct load *load = arg;
	struct account_list *accounts = load->accounts;
	bool mine = strcmp(section, "mua") == 0;
	const struct config_key *key =
	    account_find_key(mine ? "mua" : "account", name);
	void *base = accounts;
	struct buf mistake = BUF_INIT;
	int *line;

	if (key == NULL || *section == '\0') {
		complain_unknown(load, section, name);
		return 0;
	}
	if (!mine)
		base = &accounts->items[accounts->count - 1];
	line = &load->key_lines[key - account_keys];
	if (*line != 0)
		ini_file_complain(&load->ini, load->ini.line,
		    "%s was set already in line %d", name, *line);
	*line = load->ini.line;
	if (!config_set(key, base, value, &mistake))
		ini_file_complain(&load->ini, load->ini.line, "%s = %s: %s",
		    name, log_safe(value), mistake.data);
	buf_clear(&mistake);
	return load->ini.failed ? 0 : 1;
}

static void
parse(struct load *load)
{
	ini_file_parse(&load->ini);
	finish_account(load);
	if (*load->accounts->first != '\0' &&
	    accounts_find(load->accounts, load->accounts->first) == NULL)
		ini_file_complain(&load->ini, 0,
		    "[mua] account = %s: there is no such account",
		    load->accounts->first);
}

/* Whether nobody else can read or change it. */
static void
check_rights(struct load *load)
{
	struct stat st;

	if (fstat(fileno(load->ini.file), &st) == -1)
		ini_file_complain(&load->ini, 0, "%s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		ini_file_complain(&load->ini, 0, "this is no regular file");
	else if (st.st_uid != geteuid() && st.st_uid != 0)
		ini_file_complain(&load->ini, 0,
		    "it belongs to another user (uid %u), who could have your "
		    "passwords sent anywhere",
		    (unsigned)st.st_uid);
	else if ((st.st_mode & 077) != 0)
		ini_file_complain(&load->ini, 0,
		    "others can read or change it (mode %03o): chmod 600 %s",
		    (unsigned)st.st_mode & 0777, load->ini.name);
}

/* A FIFO of that name must not be waited for. */
static FILE *
open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *file = fd == -1 ? NULL : fdopen(fd, "r");

	if (fd != -1 && file == NULL)
		close(fd);
	return file;
}

struct account_list *
accounts_load(const char *path, char *why, size_t size)
{
	struct load load = {
		.ini = { .name = path,
		    .why = why,
		    .why_size = size,
		    .section = note_section,
		    .key = take_key },
	};

	load.accounts = xcalloc(1, sizeof(*load.accounts));
	account_set_fallbacks("mua", load.accounts);
	load.key_lines = xcalloc(account_key_count, sizeof(int));
	load.ini.file = open_file(path);
	load.ini.arg = &load;
	if (load.ini.file != NULL) {
		check_rights(&load);
		if (!load.ini.failed)
			parse(&load);
		fclose(load.ini.file);
	} else if (errno != ENOENT && errno != ENOTDIR) {
		ini_file_complain(&load.ini, 0, "%s", strerror(errno));
	}
	free(load.key_lines);
	if (!load.ini.failed)
		return load.accounts;
	accounts_free(load.accounts);
	return NULL;
}

/* What is not in the file goes over from the OLD list to the NEW one. */
static void
carry_over(struct account_list *old, struct account_list *new)
{
	for (size_t i = 0; i < old->count; i++) {
		struct account *from = &old->items[i];
		struct account *to = accounts_find(new, from->name);

		if (to == NULL && from->implicit &&
		    accounts_of(new, NULL, from->address) == NULL) {
			to = accounts_append(new, from->name);
			account_clear(to);
			*to = *from;
			account_init(from, "");
		} else if (to != NULL) {
			to->checked = from->checked;
			to->pop3.password = from->pop3.password;
			to->smtp.password = from->smtp.password;
			from->pop3.password = NULL;
			from->smtp.password = NULL;
		}
	}
}

int
accounts_reload(struct account_list *accounts, const char *path, char *why,
    size_t size)
{
	struct account_list *fresh = accounts_load(path, why, size);
	struct account_list old = *accounts;

	if (fresh == NULL)
		return -1;
	carry_over(&old, fresh);
	*accounts = *fresh;
	*fresh = old;
	accounts_free(fresh);
	return 0;
}
