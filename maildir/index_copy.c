/*
 * index_copy.c - the index as it was before a migration: the way back.
 *
 * Read through SQLite's own descriptor, because another one of this process
 * would drop its locks when it is closed.  The transaction keeps others from
 * writing meanwhile, so the file is what SQLite would read.
 */
#include "maildir/index_copy.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/log.h"
#include "maildir/index_aside.h"

enum { PIECE = 65536 };

static int
copy_bytes(sqlite3_file *file, int fd)
{
	char piece[PIECE];
	sqlite3_int64 size = 0;
	sqlite3_int64 at = 0;

	if (file->pMethods->xFileSize(file, &size) != SQLITE_OK)
		return -1;
	while (at < size) {
		int n = size - at < PIECE ? (int)(size - at) : PIECE;

		if (file->pMethods->xRead(file, piece, n, at) != SQLITE_OK ||
		    write_all(fd, piece, (size_t)n) == -1)
			return -1;
		at += n;
	}
	return 0;
}

int
index_copy_keep(sqlite3 *db, int root, size_t version)
{
	static const char draft[] = INDEX_FILE ".copy";
	sqlite3_file *file = NULL;
	char name[64];
	int rc = -1;
	int fd;

	snprintf(name, sizeof(name), INDEX_FILE ".v%zu", version);
	/* What is left of an earlier try, or a link. */
	unlinkat(root, draft, 0);
	fd = openat(root, draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return log_errno("make %s of %s", draft, index_where(root));
	if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER,
		&file) == SQLITE_OK &&
	    copy_bytes(file, fd) == 0)
		rc = renameat(root, draft, root, name);
	if (rc == -1) {
		log_errno("keep %s of %s", name, index_where(root));
		unlinkat(root, draft, 0);
	} else {
		log_event(LOG_INFO, "index-migrated", "maildir=%s kept=%s",
		    index_where(root), name);
	}
	close(fd);
	return rc;
}
