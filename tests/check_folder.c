/* check_folder.c - a folder of its own for a test. */
#include "tests/check_folder.h"

#include <check.h>
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/mem.h"

static char *folder;

void
folder_enter(void)
{
	const char *base = getenv("TMPDIR");

	folder = xasprintf("%s/postlab-check-XXXXXX",
	    base != NULL && *base != '\0' ? base : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

bool
folder_is_empty(void)
{
	DIR *dir = opendir(folder);
	int entries = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL)
		entries++;
	closedir(dir);
	return entries == 2; /* "." and ".." */
}

static int
remove_entry(const char *path, const struct stat *st, int kind,
    struct FTW *place)
{
	(void)st;
	(void)kind;
	(void)place;
	return remove(path);
}

void
folder_leave(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS),
	    0);
	free(folder);
	folder = NULL;
}

void
folder_write(const char *file, const char *text)
{
	FILE *out = fopen(file, "we");

	ck_assert_ptr_nonnull(out);
	ck_assert_int_ge(fputs(text, out), 0);
	ck_assert_int_eq(fclose(out), 0);
}
