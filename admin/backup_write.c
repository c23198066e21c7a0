/*
 * backup_write.c - a backup being written, by libarchive.
 *
 * GNU's format and not pax: names are bytes there, as in a Maildir, and not
 * UTF-8 or a keyword that GNU tar does not know (hdrcharset).
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/backup.h"
#include "common/log.h"

enum { PIECE = 65536 };

static int
complain(struct backup *backup)
{
	const char *why = archive_error_string(backup->archive);

	admin_error(EX_IOERR, "write the backup: %s: %s",
	    why == NULL ? "?" : why, strerror(archive_errno(backup->archive)));
	return -1;
}

void
backup_sum_line(struct buf *to, const char *path,
    const unsigned char sum[SHA256_SIZE])
{
	bool marked = strpbrk(path, "\\\n\r") != NULL;

	if (marked)
		buf_addchar(to, '\\');
	for (size_t i = 0; i < SHA256_SIZE; i++)
		buf_printf(to, "%02x", sum[i]);
	buf_addstr(to, "  ");
	for (; *path != '\0'; path++) {
		if (*path == '\n')
			buf_addstr(to, "\\n");
		else if (*path == '\r')
			buf_addstr(to, "\\r");
		else if (*path == '\\')
			buf_addstr(to, "\\\\");
		else
			buf_addchar(to, *path);
	}
	buf_addchar(to, '\n');
}

static int
put_header(struct backup *backup, const char *path, int64_t size, time_t mtime)
{
	struct archive_entry *entry = archive_entry_new();
	int rc;

	archive_entry_set_pathname(entry, path);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_size(entry, size);
	archive_entry_set_mtime(entry, mtime, 0);
	rc = archive_write_header(backup->archive, entry);
	archive_entry_free(entry);
	return rc == ARCHIVE_OK ? 0 : complain(backup);
}

static int
put_data(struct backup *backup, const void *data, size_t size)
{
	if (size == 0)
		return 0;
	return archive_write_data(backup->archive, data, size) == (ssize_t)size
	    ? 0
	    : complain(backup);
}

int
backup_add_data(struct backup *backup, const char *path, const struct buf *data,
    time_t mtime)
{
	unsigned char sum[SHA256_SIZE];

	if (put_header(backup, path, (int64_t)data->size, mtime) == -1 ||
	    put_data(backup, data->data, data->size) == -1)
		return -1;
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, data->data, data->size, sum) !=
	    0)
		panic("cannot compute SHA-256");
	backup_sum_line(&backup->manifest, path, sum);
	backup->files++;
	backup->octets += (int64_t)data->size;
	return 0;
}

/* SIZE bytes of FD, hashed on the way. */
static int
copy(struct backup *backup, int fd, int64_t size, gnutls_hash_hd_t hash)
{
	char piece[PIECE];
	int64_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, piece, sizeof(piece), done);

		if (n > size - done)
			n = size - done;
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		gnutls_hash(hash, piece, (size_t)n);
		if (put_data(backup, piece, (size_t)n) == -1)
			return -1;
		done += n;
	}
	return 0;
}

int
backup_add_file(struct backup *backup, const char *path, int fd)
{
	unsigned char sum[SHA256_SIZE];
	gnutls_hash_hd_t hash;
	struct stat st;
	int rc;

	if (fstat(fd, &st) == -1)
		return log_errno("look at %s", log_safe(path));
	if (put_header(backup, path, st.st_size, st.st_mtime) == -1)
		return -1;
	if (gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) != 0)
		panic("cannot compute SHA-256");
	rc = copy(backup, fd, st.st_size, hash);
	gnutls_hash_deinit(hash, sum);
	if (rc == -1)
		return log_failure("%s could not be read to its end",
		    log_safe(path));
	backup_sum_line(&backup->manifest, path, sum);
	backup->files++;
	backup->octets += st.st_size;
	return 0;
}

int
backup_begin(struct backup *backup, int fd, const char *about)
{
	struct buf text = BUF_INIT;
	int rc;

	*backup = (struct backup){ .archive = archive_write_new(),
		.manifest = BUF_INIT };
	if (archive_write_set_format_gnutar(backup->archive) != ARCHIVE_OK ||
	    archive_write_open_fd(backup->archive, fd) != ARCHIVE_OK)
		return complain(backup);
	buf_addstr(&text, BACKUP_MAGIC);
	buf_addstr(&text, about);
	rc = backup_add_data(backup, BACKUP_FIRST, &text, time(NULL));
	buf_clear(&text);
	return rc;
}

int
backup_end(struct backup *backup, int rc)
{
	if (rc == 0 &&
	    (put_header(backup, BACKUP_LAST, (int64_t)backup->manifest.size,
		 time(NULL)) == -1 ||
		put_data(backup, backup->manifest.data,
		    backup->manifest.size) == -1))
		rc = -1;
	if (rc == 0 && archive_write_close(backup->archive) != ARCHIVE_OK)
		rc = complain(backup);
	/* One without a manifest is known for what it is by backup_read(). */
	archive_write_free(backup->archive);
	buf_clear(&backup->manifest);
	return rc;
}
