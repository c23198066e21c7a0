/*
 * log_files.c - finds lines in log files without loading them.
 *
 * The needle is searched in a piece of many lines at once, which is as fast as
 * memory; only where it stands a line is cut out.  zlib reads what is not
 * compressed as it is, so there is one way to read.
 */
#include "admin/log_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "admin/logfmt.h"
#include "common/log.h"
#include "common/mem.h"

enum {
	PIECE = 256 * 1024, /* a line that is longer is none of ours */
	FIRST_LOOK = 16 * 1024,
};

/* Opens log/NAME, a regular file.  NULL: logged. */
static gzFile
open_file(const char *name)
{
	char *path = xasprintf("log/%s", name);
	int fd = open(path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	gzFile file = NULL;

	if (fd == -1) {
		log_errno("open %s", path);
	} else if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		file = gzdopen(fd, "rb");
		if (file == NULL)
			log_failure("open %s", path);
		else
			gzbuffer(file, PIECE);
	}
	if (file == NULL && fd != -1)
		close(fd);
	free(path);
	return file;
}

static bool
is_packed(const char *name)
{
	static const char *const suffixes[] = { ".xz", ".zst", ".bz2", ".lz4" };
	size_t size = strlen(name);

	for (size_t i = 0; i < COUNT(suffixes); i++) {
		size_t n = strlen(suffixes[i]);

		if (size > n && strcmp(name + size - n, suffixes[i]) == 0)
			return true;
	}
	return false;
}

/* The time of the first line of ours in TEXT; -1 without one. */
static int64_t
first_time(const char *text)
{
	struct logfmt fields;

	while (*text != '\0') {
		size_t length = strcspn(text, "\n");

		if (logfmt_parse(text, length, &fields))
			return fields.when;
		text += length + (text[length] == '\n');
	}
	return -1;
}

static int64_t
read_begin(gzFile file)
{
	char *text = xmalloc(FIRST_LOOK + 1);
	int n = gzread(file, text, FIRST_LOOK);
	int64_t begin;

	text[n < 0 ? 0 : n] = '\0';
	begin = first_time(text);
	free(text);
	return begin;
}

static void
add_unread(struct log_files *files, const char *name)
{
	files->unread = xrealloc(files->unread,
	    (files->unread_count + 1) * sizeof(files->unread[0]));
	files->unread[files->unread_count++] = xstrdup(name);
}

/* Takes NAME up, if it is a log. */
static void
look_at(struct log_files *files, const char *name)
{
	gzFile file;
	int64_t begin;

	if (is_packed(name)) {
		add_unread(files, name);
		return;
	}
	file = open_file(name);
	if (file == NULL) {
		if (errno == EACCES)
			add_unread(files, name);
		return;
	}
	begin = read_begin(file);
	gzclose(file);
	if (begin == -1)
		return;
	files->files = xrealloc(files->files,
	    (files->count + 1) * sizeof(files->files[0]));
	files->files[files->count++] = (struct log_file){
		.name = xstrdup(name),
		.begin = begin,
	};
}

static int
by_begin(const void *a, const void *b)
{
	const struct log_file *first = a;
	const struct log_file *second = b;

	if (first->begin != second->begin)
		return first->begin < second->begin ? -1 : 1;
	return strcmp(first->name, second->name);
}

void
log_files_open(struct log_files *files_out)
{
	DIR *dir = opendir("log");
	const struct dirent *entry;

	*files_out = (struct log_files){ 0 };
	if (dir == NULL) {
		if (errno != ENOENT)
			log_errno("open log/");
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			look_at(files_out, entry->d_name);
	closedir(dir);
	if (files_out->count > 1)
		qsort(files_out->files, files_out->count,
		    sizeof(files_out->files[0]), by_begin);
}

void
log_files_close(struct log_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->files[i].name);
	for (size_t i = 0; i < files->unread_count; i++)
		free(files->unread[i]);
	free(files->files);
	free(files->unread);
	*files = (struct log_files){ 0 };
}

/* Whole lines, the last LF included, and a NUL behind them. */
static void
search_lines(const struct log_search *search, char *text, size_t size)
{
	const size_t needle_size = strlen(search->needle);
	char *end = text + size;

	while (text < end) {
		char *found = search->any_case
		    ? strcasestr(text, search->needle)
		    : memmem(text, (size_t)(end - text), search->needle,
			  needle_size);
		char *start, *stop;

		if (found == NULL)
			return;
		start = memrchr(text, '\n', (size_t)(found - text));
		start = start == NULL ? text : start + 1;
		stop = memchr(found, '\n', (size_t)(end - found));
		if (stop == NULL)
			return;
		*stop = '\0';
		search->each(search->arg, start, (size_t)(stop - start));
		text = stop + 1;
	}
}

/* Searches what is whole of the SIZE bytes of TEXT; how much that was. */
static size_t
search_piece(const struct log_search *search, char *text, size_t size)
{
	char *last = memrchr(text, '\n', size);
	size_t whole = last == NULL ? 0 : (size_t)(last - text) + 1;
	char kept = text[whole];
	char *nul = text;

	while ((nul = memchr(nul, '\0', whole - (size_t)(nul - text))) != NULL)
		*nul = ' ';
	text[whole] = '\0';
	search_lines(search, text, whole);
	text[whole] = kept;
	return whole;
}

/* Of a line longer than the piece there come several, all of them no line. */
static void
search_file(const struct log_search *search, gzFile file, char *text)
{
	size_t size = 0;
	int n;

	while ((n = gzread(file, text + size, (unsigned)(PIECE - size))) > 0) {
		size_t done;

		size += (size_t)n;
		done = search_piece(search, text, size);
		if (done == 0 && size == PIECE)
			done = size;
		size -= done;
		memmove(text, text + done, size);
	}
	if (n < 0)
		log_failure("a file in log/ is damaged: %s", gzerror(file, &n));
}

void
log_files_search(const struct log_files *files, const struct log_search *search)
{
	char *text = xmalloc(PIECE + 1);

	for (size_t i = 0; i < files->count; i++) {
		gzFile file = open_file(files->files[i].name);

		if (file == NULL)
			continue;
		search_file(search, file, text);
		gzclose(file);
	}
	free(text);
}
