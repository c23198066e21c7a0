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

/*
 * Opens NAME in FOLDER, a regular file.  Where the operator has named the file
 * itself, AT_FDCWD, it may be a link.  -1 with errno.
 */
static int
open_file(int folder, const char *name)
{
	int follow = folder == AT_FDCWD ? 0 : O_NOFOLLOW;
	int fd = openat(folder, name,
	    O_RDONLY | follow | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd == -1)
		return log_errno("open the log %s", log_safe(name));
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

/* FD from its beginning; it stays open when the answer is closed. */
static gzFile
begin_reading(int fd)
{
	int copy =
	    lseek(fd, 0, SEEK_SET) == 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
	gzFile file = copy == -1 ? NULL : gzdopen(copy, "rb");

	if (file == NULL) {
		log_failure("a log cannot be read");
		if (copy != -1)
			close(copy);
		return NULL;
	}
	gzbuffer(file, PIECE);
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
look_at(struct log_files *files, int folder, const char *name)
{
	int64_t begin = -1;
	gzFile file;
	int fd;

	if (is_packed(name)) {
		add_unread(files, name);
		return;
	}
	fd = open_file(folder, name);
	if (fd == -1) {
		if (errno == EACCES)
			add_unread(files, name);
		return;
	}
	file = begin_reading(fd);
	if (file != NULL) {
		begin = read_begin(file);
		gzclose(file);
	}
	if (begin == -1) {
		close(fd);
		return;
	}
	files->files = xrealloc(files->files,
	    (files->count + 1) * sizeof(files->files[0]));
	files->files[files->count++] = (struct log_file){
		.name = xstrdup(name),
		.fd = fd,
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

/* All in FOLDER, which is closed. */
static int
look_into(struct log_files *files, int folder)
{
	DIR *dir = fdopendir(folder);
	const struct dirent *entry;

	if (dir == NULL) {
		close(folder);
		return log_errno("read a folder of logs");
	}
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			look_at(files, dirfd(dir), entry->d_name);
	closedir(dir);
	if (files->count > 1)
		qsort(files->files, files->count, sizeof(files->files[0]),
		    by_begin);
	return 0;
}

void
log_files_open(struct log_files *files_out)
{
	int folder = open("log", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*files_out = (struct log_files){ 0 };
	if (folder != -1)
		(void)look_into(files_out, folder);
	else if (errno != ENOENT)
		log_errno("open log/");
}

int
log_files_open_other(const char *path, struct log_files *files_out)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int inner;

	*files_out = (struct log_files){ 0 };
	if (folder == -1 && errno == ENOTDIR) {
		look_at(files_out, AT_FDCWD, path);
		if (files_out->count == 1)
			return 0;
		log_failure("%s is no log that can be read", log_safe(path));
		return -1;
	}
	if (folder == -1)
		return log_errno("open %s", log_safe(path));
	inner = openat(folder, "log", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (inner == -1)
		return look_into(files_out, folder);
	close(folder);
	return look_into(files_out, inner);
}

void
log_files_close(struct log_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->files[i].name);
		close(files->files[i].fd);
	}
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
		gzFile file = begin_reading(files->files[i].fd);

		if (file == NULL)
			continue;
		search_file(search, file, text);
		gzclose(file);
	}
	free(text);
}
