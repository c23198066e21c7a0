/*
 * prompt_file.c - completes the name of a file that is being typed.
 *
 * Names in folders are bytes of anybody: one that is no plain UTF-8 text is
 * not offered, as it could not be typed either.
 */
#include "mua/prompt.h"
#include "mua/text.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CHOICES_MAX = 500 };

/* The names in a folder that begin as what was typed. */
struct candidates {
	char **names; /* a folder's ends with a slash */
	size_t count;
};

/* FOLDER ("" is this one, "~/" at home) as a path.  The caller frees it. */
static char *
folder_path(const char *folder)
{
	const char *home = getenv("HOME");

	if (strncmp(folder, "~/", 2) == 0 && home != NULL)
		return xasprintf("%s%s", home, folder + 1);
	return xstrdup(*folder == '\0' ? "." : folder);
}

/* Whether every character has a width, so that it is shown as it is. */
static bool
is_plain(const char *name)
{
	int columns;

	for (; *name != '\0'; name += text_next(name, &columns)) {
		text_next(name, &columns);
		if (columns < 0)
			return false;
	}
	return true;
}

static void
add_candidate(struct candidates *candidates, const char *path, const char *name)
{
	char *whole = xasprintf("%s/%s", path, name);
	struct stat st;
	bool folder = stat(whole, &st) == 0 && S_ISDIR(st.st_mode);

	free(whole);
	candidates->names = xrealloc(candidates->names,
	    (candidates->count + 1) * sizeof(*candidates->names));
	candidates->names[candidates->count++] =
	    xasprintf("%s%s", name, folder ? "/" : "");
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
find_candidates(const char *folder, const char *start,
    struct candidates *candidates)
{
	char *path = folder_path(folder);
	DIR *stream = opendir(path);
	const struct dirent *entry;

	while (stream != NULL && candidates->count < CHOICES_MAX &&
	    (entry = readdir(stream)) != NULL) {
		const char *name = entry->d_name;

		if (strncmp(name, start, strlen(start)) != 0 ||
		    !is_plain(name) || (*name == '.' && *start != '.') ||
		    strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		add_candidate(candidates, path, name);
	}
	if (stream != NULL)
		closedir(stream);
	free(path);
	if (candidates->count > 1)
		qsort(candidates->names, candidates->count,
		    sizeof(*candidates->names), compare_names);
}

/* How many bytes all of them begin with alike; whole characters. */
static size_t
common_size(const struct candidates *candidates)
{
	const char *first = candidates->names[0];
	size_t size = strlen(first);

	for (size_t i = 1; i < candidates->count; i++) {
		size_t same = 0;

		while (same < size && first[same] == candidates->names[i][same])
			same++;
		size = same;
	}
	while (size > 0 && ((unsigned char)first[size] & 0xC0) == 0x80)
		size--;
	return size;
}

void
prompt_complete_file(void *arg, struct buf *text, struct lines *choices)
{
	const char *slash = strrchr(text->data, '/');
	size_t folder_size =
	    slash == NULL ? 0 : (size_t)(slash - text->data) + 1;
	char *folder = xasprintf("%.*s", (int)folder_size, text->data);
	struct candidates candidates = { 0 };

	(void)arg;
	find_candidates(folder, text->data + folder_size, &candidates);
	if (candidates.count > 0) {
		buf_reset(text);
		buf_addstr(text, folder);
		buf_add(text, candidates.names[0], common_size(&candidates));
	}
	for (size_t i = 0; i < candidates.count; i++) {
		lines_printf(choices, STYLE_NORMAL, "%s", candidates.names[i]);
		free(candidates.names[i]);
	}
	free(candidates.names);
	free(folder);
}
