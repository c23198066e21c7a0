/*
 * import.c - postlab user import: a class at once, from a CSV file.
 *
 * The file is opened before the state folder is entered: its path is relative
 * to where the operator stands, and only root may be able to read it.
 */
#include "admin/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "admin/account.h"
#include "admin/admin.h"
#include "admin/csv.h"
#include "admin/password.h"
#include "common/buf.h"
#include "common/log.h"

enum { FIELDS = 3 };

struct import {
	struct accounts accounts;
	const char *file;
	int line;
	int added;
	int bad;
};

static void
complain(struct import *import, const char *why)
{
	fprintf(stderr, "%s:%d: %s\n", log_safe(import->file), import->line,
	    why);
	import->bad++;
}

bool
import_quota(const char *text, int64_t *quota_out)
{
	static const char units[] = "KMG";
	size_t digits = strspn(text, "0123456789");
	const char *unit = text + digits;
	long long quota;

	*quota_out = 0;
	if (*text == '\0')
		return true;
	if (digits == 0 || digits > 9)
		return false;
	quota = strtoll(text, NULL, 10);
	if (*unit != '\0') {
		const char *found = strchr(units, *unit++);

		if (found == NULL)
			return false;
		quota <<= 10 * (found - units + 1);
	}
	*quota_out = quota;
	return *unit == '\0';
}

/* Adds one person whose fields have been checked. */
static void
add(struct import *import, const struct address *address, const char *password,
    int64_t quota)
{
	struct buf generated = BUF_INIT;
	struct mailbox mailbox;
	const char *why;

	if (*password == '\0')
		password_generate(&generated);
	if (accounts_add(&import->accounts, address,
		generated.size > 0 ? generated.data : password, &mailbox,
		&why) == -1) {
		complain(import, why);
		goto out;
	}
	printf("%s\tadded%s%s\n", mailbox.login, generated.size > 0 ? "\t" : "",
	    generated.data);
	import->added++;
	if (quota > 0 &&
	    directory_set_quota(import->accounts.directory, address, quota,
		&why) == -1)
		complain(import, why);
out:
	buf_clear(&generated);
}

static void
take_line(struct import *import, char *line)
{
	char *fields[FIELDS];
	int count = csv_split(line, fields, FIELDS);
	struct address address;
	int64_t quota = 0;
	const char *why;

	if (count == 0)
		return;
	if (count == -1) {
		complain(import, "the columns are address,password[,quota]");
		return;
	}
	if (import->line == 1 && strcasecmp(fields[0], "address") == 0)
		return;
	if (count == 3 && !import_quota(fields[2], &quota)) {
		complain(import, "the quota is a number, with K, M or G");
		return;
	}
	if (count >= 2 && *fields[1] != '\0' &&
	    !password_is_good(fields[1], &why)) {
		complain(import, why);
		return;
	}
	if (!admin_parse_address(fields[0], &address)) {
		complain(import, "the first column is no address");
		return;
	}
	add(import, &address, count >= 2 ? fields[1] : "", quota);
}

static void
read_lines(struct import *import, FILE *file)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	char *line = NULL;
	size_t room = 0;
	ssize_t size;

	while ((size = getline(&line, &room, file)) != -1) {
		char *start = line;

		import->line++;
		if (strlen(line) != (size_t)size) {
			complain(import, "the line has a NUL in it");
			continue;
		}
		line[strcspn(line, "\r\n")] = '\0';
		if (import->line == 1 && strncmp(line, byte_order_mark, 3) == 0)
			start += 3;
		take_line(import, start);
	}
	free(line);
	if (ferror(file))
		complain(import, strerror(errno));
}

int
import_users(int argc, char **argv)
{
	struct import import = { .file = argv[1] };
	FILE *file = fopen(argv[1], "re");
	const struct config *config;

	(void)argc;
	if (file == NULL)
		return admin_error(EX_NOINPUT, "%s: %s", log_safe(argv[1]),
		    strerror(errno));
	config = admin_enter();
	if (accounts_open(&import.accounts, config) == -1) {
		fclose(file);
		return EX_TEMPFAIL;
	}
	read_lines(&import, file);
	fclose(file);
	accounts_close(&import.accounts);
	if (import.bad == 0)
		return EX_OK;
	return admin_error(EX_DATAERR, "%d added, %d lines not", import.added,
	    import.bad);
}
