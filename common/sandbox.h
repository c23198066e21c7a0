/*
 * sandbox.h - what a process may still do once it has met the network.
 *
 * Landlock for files, seccomp for system calls, no_new_privs, no
 * capabilities, a bound on memory and descriptors, no core file.  Each program
 * has one static const struct sandbox a role; each entry carries its reason.
 *
 * A kernel without Landlock (or with ABI 1, which cannot link between
 * folders) is said once in the log by the master; the rest still holds.
 */
#ifndef COMMON_SANDBOX_H
#define COMMON_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum sandbox_right {
	SB_READ = 1 << 0,   /* open for reading, list folders */
	SB_WRITE = 1 << 1,  /* open existing files for writing, truncate */
	SB_CREATE = 1 << 2, /* make and link files */
	SB_REMOVE = 1 << 3, /* remove and rename files */
	SB_MKDIR = 1 << 4,  /* make, rename and remove folders */
	SB_SOCKET = 1 << 5, /* make sockets */
	SB_ALL = SB_READ | SB_WRITE | SB_CREATE | SB_REMOVE, /* of files */
};

/* A file or folder (with all below it), relative to the state folder. */
struct sandbox_path {
	const char *path; /* NULL ends the list; a missing path is skipped */
	unsigned rights;
	const char *why;
};

/*
 * System calls beyond the basic set every role has (read, write, poll ...).
 * They hold where Landlock is old or missing, so they are as few as they can
 * be: without FILES nothing is opened for writing, and no role has O_TRUNC,
 * truncate(2), chmod, chown or utimes, nor the part of fcntl() that sends
 * signals.
 */
enum sandbox_call {
	SB_CALL_READ = 1 << 0,     /* stat, lock; an SQLite reader */
	SB_CALL_FILES = 1 << 1,    /* READ; write, sync, link, rename, unlink */
	SB_CALL_TRUNCATE = 1 << 2, /* ftruncate */
	SB_CALL_UNIX = 1 << 3,     /* socket(AF_UNIX), connect */
	SB_CALL_INET = 1 << 4,     /* socket(AF_INET, AF_INET6), connect */
	SB_CALL_ACCEPT = 1 << 5,   /* accept where it listens; socket pairs */
	SB_CALL_FORK = 1 << 6,     /* fork and wait, kill of own children */
	SB_CALL_LITTLE = 1 << 7,   /* less than basic: no files, no signals */
	SB_CALL_CODE = 1 << 8,     /* load code: iconv's converters (gconv) */
	SB_CALL_WATCH = 1 << 9,    /* inotify: the queue manager */
	SB_CALL_LIST = 1 << 10,    /* go through folders */
	SB_CALL_BIND = 1 << 11,    /* bind sockets: DNS, a source address */
	SB_CALL_BEAR = 1 << 12,    /* fork others in the very same sandbox */
	/* Writes an SQLite database. */
	SB_CALL_SQLITE = SB_CALL_FILES | SB_CALL_TRUNCATE,
};

/*
 * For roles that pass descriptors on: those on their way are counted for the
 * user, and who sends one more than its own limit cannot (ETOOMANYREFS).  A
 * crowd of clients has one each on its way from a master.
 */
enum { SANDBOX_FILES_TO_PASS = 1024 };

struct sandbox {
	const char *role;
	const struct sandbox_path *paths;
	unsigned calls;
	size_t memory; /* bytes of address space; not applied under ASan */
	unsigned files;
	/*
	 * Bytes of the longest file it may write, 0 for no bound: past it
	 * write() fails with EFBIG.  Not applied while standard error is a
	 * file, which would count as well: the log must not end.
	 */
	size_t file_size;
};

/*
 * Builds the filter of system calls ahead, in the master, so that
 * sandbox_enter() in each child need not (a millisecond).  0, or -1 (logged).
 */
int sandbox_prepare(const struct sandbox *sandbox);

/*
 * Enters it for good.  0, or -1 (logged) when something that the kernel has
 * could not be applied: the caller must then exit.
 */
int sandbox_enter(const struct sandbox *sandbox);

/*
 * In a child of a process with SB_CALL_BEAR: it forks nobody itself.  0, or -1
 * (logged).
 */
int sandbox_forbid_forks(void);

/* Adds a Landlock layer: from here on only PATHS, within what was allowed. */
int sandbox_narrow(const struct sandbox_path *paths);

/* The Landlock ABI of this kernel, 0 for none. */
int sandbox_landlock_abi(void);

/*
 * For masters: no_new_privs, no core file, and who makes a hostile call is
 * killed (syscalls.h), as are all that it forks.  0, or -1 (logged).
 */
int sandbox_master(void);

/*
 * Whom root becomes: USER, or the owner of "." when USER is "".  *UID and *GID
 * are this process's own when it is not root.  0, or -1 with a sentence in the
 * log that says what to do.
 */
int sandbox_find_user(const char *user, uid_t *uid, gid_t *gid);

/* Not root any more: becomes USER, or the owner of "." when USER is "". */
int sandbox_drop_root(const char *user);

#endif
