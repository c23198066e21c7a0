/*
 * backup.h - a backup: a tar file that anybody can open.
 *
 *   BACKUP      the first entry: what this is, in words
 *   ...         files under the names they have in the state folder
 *   MANIFEST    the last: SHA-256 of all others, as sha256sum writes them
 *
 * Without us: tar xf FILE && sha256sum -c MANIFEST.
 */
#ifndef ADMIN_BACKUP_H
#define ADMIN_BACKUP_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "common/buf.h"

enum { SHA256_SIZE = 32 };
#define BACKUP_FIRST "BACKUP"
#define BACKUP_LAST "MANIFEST"
#define BACKUP_MAGIC "postlab-backup 1\n"

/* --- writing: backup_write.c --- */

struct backup {
	struct archive *archive;
	struct buf manifest;
	int64_t files;
	int64_t octets;
};

/* Begins to write to FD.  0, or -1 (said); backup_end() in every case. */
int backup_begin(struct backup *backup, int fd, const char *about);

/*
 * Adds the file readable from FD, or the bytes of DATA, as PATH.  A file must
 * not change its size meanwhile.  0, or -1 (said).
 */
int backup_add_file(struct backup *backup, const char *path, int fd);
int backup_add_data(struct backup *backup, const char *path,
    const struct buf *data, time_t mtime);

/* Writes the manifest when RC is 0.  0, or -1 (said). */
int backup_end(struct backup *backup, int rc);

/*
 * Appends a line as sha256sum writes it, which marks names that have a
 * backslash or a newline in them.
 */
void backup_sum_line(struct buf *to, const char *path,
    const unsigned char sum[SHA256_SIZE]);

/* --- what goes in: backup_state.c, backup_mail.c --- */

/* Everything in the state folder, which is the current one.  0 or -1 (said). */
int backup_state(struct backup *backup);

/* One mailbox, by its folder; its databases by way of run/. */
int backup_mailbox(struct backup *backup, const char *folder);

/* All folders below mail/. */
int backup_mail(struct backup *backup);

/*
 * The database FILE as PATH, as it is at one moment, whoever writes it.  0; 1
 * when it cannot be read, -1 when the backup cannot be written (both said).
 */
int backup_add_database(struct backup *backup, const char *path,
    const char *file);

/* --- reading: backup_read.c --- */

/* One file in a backup. */
struct backup_entry {
	char *path;
	int64_t octets;
	time_t mtime;
	unsigned char sum[SHA256_SIZE];
};

/* What was found in one, in its order. */
struct backup_contents {
	struct buf about; /* the text of BACKUP */
	struct backup_entry *entries;
	size_t count;
	size_t room;
};

/*
 * Reads all of the backup in FD and checks every sum.  0; -1 when it is not
 * whole, or could do harm: paths that leave the folder, links.  Said.
 */
int backup_read(int fd, const char *name, struct backup_contents *contents_out);
void backup_contents_clear(struct backup_contents *contents);

/*
 * Goes through the backup a second time.  For each file OPEN gives a descriptor
 * to write it to, BACKUP_SKIP when it is not wanted, or -1 for trouble; and
 * when it is written and its sum is right, DONE says what becomes of it: 0, or
 * -1.  With GOOD false the file must be forgotten.
 */
enum { BACKUP_SKIP = -2 };
struct backup_taker {
	void *arg;
	int (*open)(void *arg, const struct backup_entry *entry);
	int (*done)(void *arg, const struct backup_entry *entry, bool good);
};
int backup_extract(int fd, const struct backup_contents *contents,
    const struct backup_taker *taker);

/* --- restoring: restore_state.c, restore_mail.c --- */

/* Makes DIR, which must be empty or not there, of the backup.  Exit status. */
int restore_into(const char *dir, int fd,
    const struct backup_contents *contents, char **addresses);

/* Adds to the mailboxes of a system what is missing.  Exit status. */
int restore_mail(int fd, const struct backup_contents *contents,
    char **addresses);

#endif
