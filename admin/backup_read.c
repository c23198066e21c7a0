/*
 * backup_read.c - a backup read: every sum checked, nothing believed.
 *
 * The file may come from anybody.  Only plain files below the folder are taken,
 * each once; what says otherwise is refused as a whole, before anything is
 * written.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/backup.h"
#include "common/log.h"

enum { PIECE = 65536, ABOUT_MAX = 65536, MANIFEST_MAX = 1 << 30 };

/* A file being read through. */
struct reading {
	struct archive *archive;
	const char *name; /* of the backup, for messages */
};

static int
say(const struct reading *reading, const char *path, const char *what)
{
	admin_error(EX_DATAERR, "%s: %s%s%s", log_safe(reading->name),
	    path == NULL ? "" : log_safe(path), path == NULL ? "" : ": ", what);
	return -1;
}

static int
say_archive(const struct reading *reading, const char *path)
{
	const char *why = archive_error_string(reading->archive);

	return say(reading, path, why == NULL ? "it cannot be read" : why);
}

static int
begin(struct reading *reading, int fd)
{
	if (lseek(fd, 0, SEEK_SET) == -1 && errno != ESPIPE)
		return say(reading, NULL, strerror(errno));
	reading->archive = archive_read_new();
	archive_read_support_format_tar(reading->archive);
	if (archive_read_open_fd(reading->archive, fd, PIECE) != ARCHIVE_OK)
		return say_archive(reading, NULL);
	return 0;
}

/* A path that stays in its folder: no empty, dot or dotdot in it. */
static bool
is_inside(const char *path)
{
	while (*path != '\0') {
		size_t size = strcspn(path, "/");

		if (size == 0 || (size == 1 && path[0] == '.') ||
		    (size == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		path += size;
		if (*path == '/' && *++path == '\0')
			return false;
	}
	return true;
}

/* The next file; 1, 0 at the end, -1. */
static int
next_file(const struct reading *reading, struct archive_entry **entry_out,
    const char **path_out)
{
	int rc = archive_read_next_header(reading->archive, entry_out);

	if (rc == ARCHIVE_EOF)
		return 0;
	if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
		return say_archive(reading, NULL);
	*path_out = archive_entry_pathname(*entry_out);
	if (*path_out == NULL || **path_out == '\0' || !is_inside(*path_out))
		return say(reading, *path_out, "a name that leaves the folder");
	if (archive_entry_filetype(*entry_out) != AE_IFREG ||
	    archive_entry_hardlink(*entry_out) != NULL)
		return say(reading, *path_out, "no plain file");
	return 1;
}

/* Reads the file: its sum, and what TEXT (unless NULL) and FD (-1) get. */
static int
read_file(const struct reading *reading, const char *path, int fd,
    struct buf *text, struct backup_entry *entry)
{
	gnutls_hash_hd_t hash;
	char piece[PIECE];
	ssize_t n;

	if (gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) != 0)
		panic("cannot compute SHA-256");
	entry->octets = 0;
	while ((n = archive_read_data(reading->archive, piece, sizeof(piece))) >
	    0) {
		gnutls_hash(hash, piece, (size_t)n);
		entry->octets += n;
		if (text != NULL)
			buf_add(text, piece, (size_t)n);
		if (fd != -1 && write_all(fd, piece, (size_t)n) == -1) {
			gnutls_hash_deinit(hash, entry->sum);
			return log_errno("write %s", log_safe(path));
		}
	}
	gnutls_hash_deinit(hash, entry->sum);
	return n == 0 ? 0 : say_archive(reading, path);
}

static struct backup_entry *
add_entry(struct backup_contents *contents, const char *path, time_t mtime)
{
	struct backup_entry *entry;

	if (contents->count == contents->room) {
		contents->room = contents->room == 0 ? 64 : contents->room * 2;
		contents->entries = xrealloc(contents->entries,
		    contents->room * sizeof(contents->entries[0]));
	}
	entry = &contents->entries[contents->count++];
	*entry = (struct backup_entry){ .path = xstrdup(path), .mtime = mtime };
	return entry;
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Two files of one name: the sums would not tell which one is meant. */
static int
look_for_twins(const struct reading *reading,
    const struct backup_contents *contents)
{
	const char **paths = xcalloc(contents->count + 1, sizeof(const char *));
	int rc = 0;

	for (size_t i = 0; i < contents->count; i++)
		paths[i] = contents->entries[i].path;
	qsort(paths, contents->count, sizeof(paths[0]), by_path);
	for (size_t i = 1; i < contents->count && rc == 0; i++)
		if (strcmp(paths[i - 1], paths[i]) == 0)
			rc = say(reading, paths[i], "it is there twice");
	free(paths);
	return rc;
}

static int
check_manifest(const struct reading *reading, const struct buf *manifest,
    const struct backup_contents *contents)
{
	struct buf want = BUF_INIT;
	const char *lines = manifest->data;
	int rc = 0;

	for (size_t i = 0; i < contents->count && rc == 0; i++) {
		buf_reset(&want);
		backup_sum_line(&want, contents->entries[i].path,
		    contents->entries[i].sum);
		if (strncmp(lines, want.data, want.size) != 0)
			rc = say(reading, contents->entries[i].path,
			    "it is not what the manifest says");
		else
			lines += want.size;
	}
	if (rc == 0 && *lines != '\0')
		rc = say(reading, NULL,
		    "the manifest has files that are not "
		    "there");
	buf_clear(&want);
	return rc == 0 ? look_for_twins(reading, contents) : rc;
}

/* Reads all files up to the manifest, which is left in MANIFEST. */
static int
read_all(const struct reading *reading, struct backup_contents *contents,
    struct buf *manifest)
{
	struct archive_entry *header;
	struct backup_entry last;
	const char *path;
	int rc;

	while ((rc = next_file(reading, &header, &path)) == 1) {
		bool first = contents->count == 0;
		struct backup_entry *entry;

		if (first && strcmp(path, BACKUP_FIRST) != 0)
			return say(reading, NULL, "it is no backup of ours");
		if (strcmp(path, BACKUP_LAST) == 0)
			return read_file(reading, path, -1, manifest, &last);
		entry = add_entry(contents, path, archive_entry_mtime(header));
		if (read_file(reading, entry->path, -1,
			first ? &contents->about : NULL, entry) == -1)
			return -1;
	}
	return rc == -1 ? -1 : say(reading, NULL, "it has no end: it was cut");
}

int
backup_read(int fd, const char *name, struct backup_contents *contents_out)
{
	struct reading reading = { .name = name };
	struct buf manifest = BUF_INIT;
	struct archive_entry *header;
	const char *path;
	int rc = -1;

	*contents_out = (struct backup_contents){ .about = BUF_INIT };
	if (begin(&reading, fd) == 0 &&
	    read_all(&reading, contents_out, &manifest) == 0)
		rc = strncmp(contents_out->about.data, BACKUP_MAGIC,
			 strlen(BACKUP_MAGIC)) == 0
		    ? check_manifest(&reading, &manifest, contents_out)
		    : say(&reading, NULL, "it is no backup of ours");
	if (rc == 0 && next_file(&reading, &header, &path) != 0)
		rc = say(&reading, NULL, "something follows its end");
	archive_read_free(reading.archive);
	buf_clear(&manifest);
	return rc;
}

void
backup_contents_clear(struct backup_contents *contents)
{
	for (size_t i = 0; i < contents->count; i++)
		free(contents->entries[i].path);
	free(contents->entries);
	buf_clear(&contents->about);
	*contents = (struct backup_contents){ .about = BUF_INIT };
}

/* One file of the second time through. */
static int
extract_one(const struct reading *reading, const struct backup_entry *entry,
    const struct backup_taker *taker)
{
	struct backup_entry now;
	int fd = taker->open(taker->arg, entry);
	bool good;
	int rc;

	if (fd == BACKUP_SKIP)
		return 0;
	if (fd == -1)
		return -1;
	good = read_file(reading, entry->path, fd, NULL, &now) == 0 &&
	    memcmp(now.sum, entry->sum, sizeof(now.sum)) == 0;
	rc = taker->done(taker->arg, entry, good);
	return good ? rc : say(reading, entry->path, "it has changed");
}

int
backup_extract(int fd, const struct backup_contents *contents,
    const struct backup_taker *taker)
{
	struct reading reading = { .name = "the backup" };
	struct archive_entry *header;
	const char *path;
	int rc = begin(&reading, fd);

	for (size_t i = 0; i < contents->count && rc == 0; i++) {
		const struct backup_entry *entry = &contents->entries[i];

		if (next_file(&reading, &header, &path) != 1 ||
		    strcmp(path, entry->path) != 0)
			rc = say(&reading, entry->path, "it has changed");
		else
			rc = extract_one(&reading, entry, taker);
	}
	archive_read_free(reading.archive);
	return rc;
}
