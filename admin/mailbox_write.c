/*
 * mailbox_write.c - a Maildir with its subfolders, written as one mbox.
 *
 * The Maildir may be anybody's: links and what is no regular file are not
 * opened (maildir.h), neither are subfolders that are links.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/mailbox_copy.h"
#include "common/log.h"
#include "maildir/header.h"
#include "maildir/listing.h"

enum { HEADER_LOOK = 4096 };

/* Who sent it, as the delivery wrote it down; "" when it did not. */
static void
read_sender(int fd, struct mbox_message *message)
{
	char data[HEADER_LOOK];
	ssize_t n = pread(fd, data, sizeof(data), 0);
	struct header_field field;
	const char *begin;
	const char *end;

	if (n <= 0 || !header_find(data, (size_t)n, "Return-Path", &field))
		return;
	begin = memchr(field.value, '<', field.value_size);
	end = memchr(field.value, '>', field.value_size);
	if (begin == NULL || end == NULL || end - begin > MBOX_SENDER_MAX ||
	    end < begin)
		return;
	memcpy(message->sender, begin + 1, (size_t)(end - begin - 1));
}

/* One message that is open.  0 or -1. */
static int
write_open(FILE *to, int fd, const char *folder,
    const struct listing_entry *entry)
{
	struct mbox_message message = { .old = !entry->in_new };
	struct maildir_name name;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	message.date = st.st_mtime;
	maildir_parse_name(entry->name, &name);
	memcpy(message.flags, name.flags, sizeof(message.flags));
	if (!copy_string(message.folder, sizeof(message.folder), folder) ||
	    !copy_string(message.name, sizeof(message.name), entry->name))
		message.name[0] = '\0';
	read_sender(fd, &message);
	return mbox_write(to, fd, &message);
}

static int
write_entry(FILE *to, const struct maildir *maildir, const char *folder,
    const struct listing_entry *entry)
{
	int fd = maildir_open_message(maildir, entry->in_new, entry->name);
	int rc;

	if (fd == -1 && errno == ENOENT)
		return 0; /* removed meanwhile */
	if (fd == -1)
		return -1;
	rc = write_open(to, fd, folder, entry);
	if (rc == -1)
		admin_error(EX_IOERR, "%s: %s", log_safe(entry->name),
		    strerror(errno));
	close(fd);
	return rc;
}

static int
write_folder(FILE *to, const struct maildir *maildir, const char *folder,
    struct progress *progress)
{
	struct listing listing;
	int rc = 0;

	if (listing_load(maildir, NULL, &listing) == -1)
		return -1;
	for (size_t i = 0; i < listing.count && rc == 0; i++) {
		rc = write_entry(to, maildir, folder, &listing.entries[i]);
		progress_add(progress, listing.entries[i].octets);
	}
	listing_clear(&listing);
	return rc;
}

/* One entry of the root, if it is a subfolder. */
static int
write_subfolder(FILE *to, int root, const char *name, struct progress *progress)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	struct maildir maildir;
	struct stat st;
	int rc = 0;
	int fd;

	if (name[0] != '.' || strspn(name, ".") > 1 || name[1] == '\0' ||
	    strlen(name) > MBOX_FOLDER_MAX)
		return 0;
	fd = openat(root, name, flags);
	if (fd == -1)
		return errno == ENOTDIR || errno == ELOOP || errno == ENOENT
		    ? 0
		    : log_errno("open %s", log_safe(name));
	if (fstatat(fd, "cur", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    maildir_look(fd, ".", &maildir) == 0) {
		rc = write_folder(to, &maildir, name, progress);
		maildir_close(&maildir);
	}
	close(fd);
	return rc;
}

int
mailbox_write(FILE *to, const struct maildir *root, struct progress *progress)
{
	int fd = openat(root->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd == -1 ? NULL : fdopendir(fd);
	int rc;

	if (list == NULL) {
		log_errno("list the Maildir");
		if (fd != -1)
			close(fd);
		return -1;
	}
	rc = write_folder(to, root, "", progress);
	for (const struct dirent *entry = readdir(list);
	     rc == 0 && entry != NULL; entry = readdir(list))
		rc = write_subfolder(to, root->root, entry->d_name, progress);
	closedir(list);
	if (rc == 0 && fflush(to) == EOF)
		rc = admin_error(EX_IOERR, "%s", strerror(errno));
	return rc == 0 ? 0 : -1;
}
