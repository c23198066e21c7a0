/* subfolder.c - the folders within a Maildir, and which one is meant. */
#include "mda/subfolder.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"

/* One that is looked for. */
struct search {
	const char *wanted; /* with its dot */
	char *name;
	bool found;
};

/* A Maildir++ folder is one of names .a, .a.b ...: no empty part. */
static bool
is_name(const char *name)
{
	size_t size = strlen(name);

	return name[0] == '.' && size > 1 && size < SUBFOLDER_MAX &&
	    strstr(name, "..") == NULL && name[size - 1] != '.' &&
	    strchr(name, '/') == NULL;
}

/*
 * What the person writes is in these, and a reader takes what lies there for
 * that: no place for what others send.
 */
static bool
is_own(const char *name)
{
	static const char *const own[] = { ".Drafts", ".Outbox", ".Sent" };

	for (size_t i = 0; i < COUNT(own); i++)
		if (strcasecmp(name, own[i]) == 0)
			return true;
	return false;
}

static bool
is_folder(int root, const char *name)
{
	struct stat st;
	int fd =
	    openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool good = fd != -1 &&
	    fstatat(fd, "cur", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode);

	if (fd != -1)
		close(fd);
	return good;
}

void
subfolder_each(const struct maildir *maildir,
    void (*each)(void *arg, const char *name), void *arg)
{
	int fd = openat(maildir->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (folder == NULL) {
		if (fd != -1)
			close(fd);
		return;
	}
	while ((entry = readdir(folder)) != NULL)
		if (is_name(entry->d_name) &&
		    is_folder(maildir->root, entry->d_name))
			each(arg, entry->d_name);
	closedir(folder);
}

/* Exactly that name, if there is one; else one in other letters. */
static void
compare(void *arg, const char *name)
{
	struct search *search = arg;

	if (strcmp(name, search->wanted) != 0 &&
	    (search->found || strcasecmp(name, search->wanted) != 0))
		return;
	search->found = copy_string(search->name, SUBFOLDER_MAX, name);
}

bool
subfolder_find(const struct maildir *maildir, const char *login,
    const char *original, char name[SUBFOLDER_MAX])
{
	const char *plus = strchr(original, '+');
	const char *at = strrchr(original, '@');
	char wanted[SUBFOLDER_MAX] = ".";
	struct search search = { .wanted = wanted, .name = name };

	if (plus == NULL || at == NULL || plus > at ||
	    strcasecmp(original, login) == 0 ||
	    (size_t)(at - plus) >= sizeof(wanted) - 1)
		return false;
	memcpy(wanted + 1, plus + 1, (size_t)(at - plus) - 1);
	wanted[at - plus] = '\0';
	if (is_name(wanted) && !is_own(wanted))
		subfolder_each(maildir, compare, &search);
	return search.found;
}
