/*
 * disk.h - one flush for many files, where that is enough.
 *
 * syncfs() writes all that is dirty with one commit of the file system's
 * journal, where as many fsync() would make one each.  That is so where the
 * file system takes part: FUSE does not pass syncfs() on to its daemon, 9p and
 * SMB not to the server, and all of them answer 0.  So only those that are
 * known to keep the promise are trusted with it.
 */
#ifndef COMMON_DISK_H
#define COMMON_DISK_H

#include <stdbool.h>

/*
 * Whether syncfs() makes durable what fsync() would, in the file system that FD
 * is in.  It then reports write errors of any file since its descriptor was
 * opened (Linux 5.8).
 */
bool disk_is_flushed_whole(int fd);

/*
 * Makes durable all that is in the folder PATH and below, and its own name
 * where the folder above can be opened: at once, or else file by file.  0 or -1
 * (logged).
 */
int disk_flush_tree(const char *path);

#endif
