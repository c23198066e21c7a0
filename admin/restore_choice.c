/* restore_choice.c - which mailboxes of a backup are wanted. */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/admin.h"
#include "admin/restore.h"
#include "common/address.h"
#include "common/log.h"

/* What BACKUP says its domain is, "" if nothing. */
static char *
read_domain(const struct backup_contents *contents)
{
	static const char key[] = "\ndomain: ";
	const char *line = strstr(contents->about.data, key);
	const char *value = line == NULL ? "" : line + sizeof(key) - 1;

	return xasprintf("%.*s", (int)strcspn(value, "\n"), value);
}

static bool
is_there(const struct backup_contents *contents, const char *folder)
{
	for (size_t i = 0; i < contents->count; i++)
		if (strncmp(contents->entries[i].path, folder,
			strlen(folder)) == 0)
			return true;
	return false;
}

/* The folder of the mailbox TEXT; NULL when it cannot be one. */
static char *
find_folder(const char *text, const char *domain)
{
	char *full = strchr(text, '@') != NULL
	    ? xstrdup(text)
	    : xasprintf("%s@%s", text, domain);
	struct address address;
	char *folder = NULL;

	if (address_parse(full, &address)) {
		for (char *c = address.local; *c != '\0'; c++)
			if (*c >= 'A' && *c <= 'Z')
				*c = (char)(*c - 'A' + 'a');
		folder =
		    xasprintf("mail/%s/%s/", address.domain, address.local);
	}
	free(full);
	return folder;
}

int
restore_choose(const struct backup_contents *contents, char **addresses,
    struct restore_choice *choice_out)
{
	char *domain = read_domain(contents);
	int status = EX_OK;

	*choice_out = (struct restore_choice){ NULL, 0 };
	for (; *addresses != NULL && status == EX_OK; addresses++) {
		char *folder = find_folder(*addresses, domain);

		if (folder == NULL || !is_there(contents, folder)) {
			status = admin_error(EX_NOUSER,
			    "%s: the backup has no mail of it",
			    log_safe(*addresses));
			free(folder);
			break;
		}
		choice_out->folders = xrealloc(choice_out->folders,
		    (choice_out->count + 1) * sizeof(char *));
		choice_out->folders[choice_out->count++] = folder;
	}
	free(domain);
	return status;
}

bool
restore_is_wanted(const struct restore_choice *choice, const char *path)
{
	for (size_t i = 0; i < choice->count; i++)
		if (strncmp(path, choice->folders[i],
			strlen(choice->folders[i])) == 0)
			return true;
	return choice->count == 0;
}

void
restore_choice_clear(struct restore_choice *choice)
{
	for (size_t i = 0; i < choice->count; i++)
		free(choice->folders[i]);
	free(choice->folders);
	*choice = (struct restore_choice){ NULL, 0 };
}
