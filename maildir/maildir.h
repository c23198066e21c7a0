/*
 * maildir.h - a Maildir: tmp, new, cur, and durable delivery into it.
 *
 * Everything goes through held directory descriptors; no path is composed and
 * below the Maildir symbolic links are not followed.  Messages are stored with
 * LF line ends, as every Maildir program expects; names carry S= (octets
 * stored) and W= (octets with CRLF), as Dovecot's and Courier's do:
 *
 *   1795313597.M123456P1234Q1.mail,S=1201,W=1240:2,S
 *   \________ base _____________/
 *
 * The base identifies the message for ever (POP3's UIDL, the index); flags and
 * folder change.
 */
#ifndef MAILDIR_MAILDIR_H
#define MAILDIR_MAILDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { MAILDIR_NAME_MAX = 255, MAILDIR_FLAGS_MAX = 52 };

/*
 * What a POP3 session holds in the Maildir (an flock).  Who removes it ends the
 * session: it may do nothing more, not even remove what it has marked.
 */
#define MAILDIR_SESSION_LOCK "pop3d.lock"

struct maildir {
	int root; /* the Maildir itself */
	int tmp;
	int new;
	int cur;
};

/*
 * Opens PATH (relative to the descriptor AT, may be AT_FDCWD).  With CREATE a
 * missing one is made durably, parents included, mode 0700.  Without it PATH
 * must hold new/ or cur/; what is missing of the three is made.  0, or -1.
 */
int maildir_open(int at, const char *path, bool create,
    struct maildir *maildir_out);
void maildir_close(struct maildir *maildir);

/*
 * Opens what is there and makes nothing: a folder of the three that is missing,
 * or is none, is -1 then.  0; -1 when PATH holds neither new/ nor cur/.
 */
int maildir_look(int at, const char *path, struct maildir *maildir_out);

/* A message being written to tmp/. */
struct maildir_draft {
	int fd;
	char name[MAILDIR_NAME_MAX + 1];
};

/* Makes tmp/NAME and opens it for writing and reading.  0, or -1. */
int maildir_draft(const struct maildir *maildir,
    struct maildir_draft *draft_out);

/*
 * The commit: fsync, link into new/ under the name with S=SIZE and W=WIRE,
 * fsync new/, unlink from tmp/.  The descriptor is closed.  0 once the message
 * would survive a power cut, and its name is in NAME_OUT (MAILDIR_NAME_MAX + 1
 * bytes); -1 with errno when it could not, and then nothing of it is left.
 */
int maildir_commit(const struct maildir *maildir, struct maildir_draft *draft,
    int64_t size, int64_t wire, char *name_out);

/*
 * The same under a name that the message had before, complete with sizes and
 * flags, in new/ or cur/.  -1 with EEXIST when there is such a file.
 */
int maildir_commit_as(const struct maildir *maildir,
    struct maildir_draft *draft, bool in_new, const char *name);

/* Forgets the draft: closes, removes tmp/NAME. */
void maildir_abandon(const struct maildir *maildir,
    struct maildir_draft *draft);

/* Removes files in tmp/ not touched for 36 hours (cr.yp.to/proto/maildir). */
void maildir_clean_tmp(const struct maildir *maildir);

/* What a file name says. */
struct maildir_name {
	size_t base; /* length of the part that identifies */
	/* -1 without, or when they cannot be true. */
	int64_t size; /* S= */
	int64_t wire; /* W= */
	/* The letters after :2, sorted, each once; "" without. */
	char flags[MAILDIR_FLAGS_MAX + 1];
};
void maildir_parse_name(const char *name, struct maildir_name *name_out);

/*
 * Calls EACH for every message in new/ (IN_NEW true), then in cur/; names that
 * begin with a dot and what is no regular file are skipped, and so is a folder
 * that maildir_look() did not find.  A message that is
 * moved meanwhile may come twice.  EACH must not change the folders.  Stops
 * when EACH returns other than 0 and returns that; -1 on trouble.
 */
int maildir_scan(const struct maildir *maildir,
    int (*each)(void *arg, bool in_new, const char *name), void *arg);

/*
 * Opens the message for reading wherever it is now: tries new/ or cur/ NAME as
 * last seen, then looks for its base (another program may have moved it or
 * changed flags).  O_NOFOLLOW, regular files only.  -1 with errno ENOENT when
 * it is gone.
 */
int maildir_open_message(const struct maildir *maildir, bool in_new,
    const char *name);

/* The same, and the log hears nothing of one that cannot be opened. */
int maildir_try_message(const struct maildir *maildir, bool in_new,
    const char *name);

/* Removes it, likewise.  0 also when it is gone already.  Not yet durable. */
int maildir_remove(const struct maildir *maildir, bool in_new,
    const char *name);

/* Moves it to cur/ with FLAGS (letters, sorted here).  NAME_OUT as above. */
int maildir_set_flags(const struct maildir *maildir, bool in_new,
    const char *name, const char *flags, char *name_out);

/*
 * Octets the message in FD has on the wire: each LF as CRLF, and a last line
 * without one completed.  For foreign files whose name has no W=.  -1: errno.
 */
int64_t maildir_wire_size(int fd);

/* The same for a whole message in memory. */
int64_t maildir_wire_octets(const char *data, size_t size);

/*
 * When it arrived, in seconds since 1970: by its name, or else by the file's
 * mtime; 0 when it is gone.
 */
int64_t maildir_arrival(const struct maildir *maildir, bool in_new,
    const char *name);

/* Octets of all messages as stored, by their names where these tell. */
int64_t maildir_octets(const struct maildir *maildir);

/* Makes removals and renames durable: fsync of new/ and cur/. */
int maildir_sync(const struct maildir *maildir);

#endif
