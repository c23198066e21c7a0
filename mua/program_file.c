/*
 * program_file.c - files for other programs: in a folder that nobody else can
 * enter, removed when the mua ends, since a viewer may look at one for long.
 */
#include "mua/program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *folder; /* NULL before the first file */
static pid_t owner;  /* children inherit the clean-up, and must not do it */
static unsigned number;

static void
remove_folder(void)
{
	const struct dirent *entry;
	DIR *list;

	if (folder == NULL || getpid() != owner)
		return;
	list = opendir(folder);
	while (list != NULL && (entry = readdir(list)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			(void)unlinkat(dirfd(list), entry->d_name, 0);
	if (list != NULL)
		closedir(list);
	(void)rmdir(folder);
	free(folder);
	folder = NULL;
}

/* A path goes into command lines: letters that mean something there do not. */
static bool
is_plain(const char *path)
{
	for (const char *c = path; *c != '\0'; c++)
		if (strchr(
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			"0123456789-._+/",
			*c) == NULL)
			return false;
	return *path == '/';
}

static int
make_folder(void)
{
	const char *tmp = getenv("TMPDIR");

	if (folder != NULL)
		return 0;
	folder = xasprintf("%s/mua-XXXXXX",
	    tmp == NULL || !is_plain(tmp) ? "/tmp" : tmp);
	if (mkdtemp(folder) == NULL) {
		free(folder);
		folder = NULL;
		return -1;
	}
	owner = getpid();
	atexit(remove_folder);
	return 0;
}

char *
program_file(const struct buf *content, const char *ending)
{
	char *path;
	int saved;
	int fd;

	if (make_folder() == -1)
		return NULL;
	path = xasprintf("%s/part-%u%s", folder, ++number, ending);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd != -1 && write_all(fd, content->data, content->size) == 0 &&
	    close(fd) == 0)
		return path;
	saved = errno;
	if (fd != -1)
		(void)unlink(path);
	free(path);
	errno = saved;
	return NULL;
}
