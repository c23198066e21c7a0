/*
 * places.c - looks for Maildirs in the usual places.
 *
 * How much is new is what lies in new/: a look at the names, no index opened.
 */
#include "mua/places.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "mua/lab.h"
#include "mua/mailbox.h"

enum { FOLDERS_MAX = 200 /* of one mailbox */ };

static size_t
count_new(const char *path)
{
	char *folder = xasprintf("%s/new", path);
	DIR *list = opendir(folder);
	size_t count = 0;

	free(folder);
	if (list == NULL)
		return 0;
	for (const struct dirent *entry = readdir(list); entry != NULL;
	     entry = readdir(list))
		count += entry->d_name[0] != '.' ? 1 : 0;
	closedir(list);
	return count;
}

static bool
is_known(const struct places *places, const char *path)
{
	for (size_t i = 0; i < places->count; i++)
		if (strcmp(places->items[i].path, path) == 0)
			return true;
	return false;
}

/* Takes over PATH. */
static struct place *
add(struct places *places, const char *name, char *path)
{
	struct place *place;

	places->items = xrealloc(places->items,
	    (places->count + 1) * sizeof(*places->items));
	place = &places->items[places->count++];
	*place = (struct place){
		.name = xstrdup(name),
		.path = path,
		.arrived = count_new(path),
	};
	return place;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The Maildir++ folders of a Maildir: .Sent, .Drafts, by name. */
static void
add_folders(struct places *places, const char *path, const char *account)
{
	char *names[FOLDERS_MAX];
	size_t count = 0;
	DIR *list = opendir(path);

	if (list == NULL)
		return;
	for (const struct dirent *entry = readdir(list);
	     entry != NULL && count < FOLDERS_MAX; entry = readdir(list))
		if (entry->d_name[0] == '.' && entry->d_name[1] != '\0' &&
		    strcmp(entry->d_name, "..") != 0)
			names[count++] = xstrdup(entry->d_name);
	closedir(list);
	qsort(names, count, sizeof(char *), compare_names);
	for (size_t i = 0; i < count; i++) {
		char *folder = xasprintf("%s/%s", path, names[i]);

		if (mailbox_is_maildir(folder) && !is_known(places, folder)) {
			struct place *place = add(places, names[i] + 1, folder);

			place->is_folder = true;
			place->account =
			    account == NULL ? NULL : xstrdup(account);
		} else {
			free(folder);
		}
		free(names[i]);
	}
}

static void
add_lab(struct places *places)
{
	struct lab *lab = lab_find();

	for (size_t i = 0; lab != NULL && i < lab->count; i++) {
		char *path = lab_mailbox(lab, i);

		if (path != NULL && mailbox_is_maildir(path) &&
		    !is_known(places, path))
			add(places, lab->logins[i], path)->is_lab = true;
		else
			free(path);
	}
	lab_free(lab);
}

/* A Maildir named by the environment, if it is one and new to us. */
static void
add_usual(struct places *places, const char *name, char *path)
{
	if (path != NULL && mailbox_is_maildir(path) &&
	    !is_known(places, path)) {
		add(places, name, path);
		add_folders(places, path, NULL);
	} else {
		free(path);
	}
}

void
places_find(struct places *places, const struct account_list *accounts)
{
	const char *home = getenv("HOME");
	const char *mail = getenv("MAIL");

	*places = (struct places){ 0 };
	for (size_t i = 0; accounts != NULL && i < accounts->count; i++) {
		const struct account *account = &accounts->items[i];
		struct place *place =
		    add(places, account->name, xstrdup(account->maildir));

		place->account = xstrdup(account->name);
		add_folders(places, account->maildir, account->name);
	}
	add_usual(places, "$MAIL", mail == NULL ? NULL : xstrdup(mail));
	add_usual(places, "~/Maildir",
	    home == NULL ? NULL : xasprintf("%s/Maildir", home));
	add_lab(places);
}

void
places_clear(struct places *places)
{
	for (size_t i = 0; i < places->count; i++) {
		free(places->items[i].name);
		free(places->items[i].path);
		free(places->items[i].account);
	}
	free(places->items);
	*places = (struct places){ 0 };
}
