/*
 * maildrop.c - the lock, the snapshot, and the update of RFC 1939 6.
 *
 * The index is open only while it is needed: a session that waits for its
 * client keeps no SQLite in memory.
 */
#include "pop3d/maildrop.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"

enum { LOCK_TRIES = 20, LOCK_PAUSE = 50 * 1000 * 1000 /* nanoseconds */ };

static const char lock_name[] = MAILDIR_SESSION_LOCK;

int
maildrop_open(struct maildrop *maildrop, const char *folder, const char *name)
{
	maildrop->lock = -1;
	if (maildir_open(AT_FDCWD, folder, true, &maildrop->maildir) == -1)
		return -1;
	maildrop->name = xstrdup(name);
	return 0;
}

/*
 * A client may come back before the process that served it has seen it go, so
 * a lock that is held is asked for again for a second.
 */
static enum maildrop_load
take_lock(struct maildrop *maildrop)
{
	static const struct timespec pause = { .tv_nsec = LOCK_PAUSE };
	const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;

	maildrop->lock = openat(maildrop->maildir.root, lock_name, flags, 0600);
	if (maildrop->lock == -1) {
		log_errno("open %s", lock_name);
		return MAILDROP_ERROR;
	}
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(maildrop->lock, LOCK_EX | LOCK_NB) == 0)
			return MAILDROP_OK;
		if (errno != EWOULDBLOCK) {
			log_errno("lock %s", lock_name);
			return MAILDROP_ERROR;
		}
		nanosleep(&pause, NULL);
	}
	return MAILDROP_IN_USE;
}

static void
release_lock(struct maildrop *maildrop)
{
	if (maildrop->lock != -1)
		close(maildrop->lock);
	maildrop->lock = -1;
}

/*
 * The last login is when the lock's file was written; it is empty as long as
 * nobody asks for a delay.
 */
static enum maildrop_load
check_delay(const struct maildrop *maildrop, int delay)
{
	struct stat st;
	time_t now = time(NULL);

	if (delay == 0)
		return MAILDROP_OK;
	if (fstat(maildrop->lock, &st) == -1) {
		log_errno("stat %s", lock_name);
		return MAILDROP_ERROR;
	}
	if (st.st_size > 0 && st.st_mtime <= now && now - st.st_mtime < delay)
		return MAILDROP_TOO_SOON;
	return MAILDROP_OK;
}

/* Once it is open: it may be begun anew in another process before. */
static void
note_login(const struct maildrop *maildrop, int delay)
{
	/* A full disk keeps nobody from the mail. */
	if (delay != 0 && pwrite(maildrop->lock, "\n", 1, 0) == -1)
		log_errno("write %s", lock_name);
}

/* Unless that of the session before still holds. */
static enum maildrop_load
load_listing(struct maildrop *maildrop)
{
	struct listing *listing = &maildrop->listing;
	struct index *index;
	int rc;

	if (listing_is_current(listing, &maildrop->maildir))
		return MAILDROP_OK;
	listing_clear(listing);
	index = index_open(&maildrop->maildir);
	rc = listing_load(&maildrop->maildir, index, listing);
	index_close(index);
	malloc_trim(0);
	if (rc == 0 && listing->count > INT32_MAX)
		rc = log_failure("a maildrop of %zu messages", listing->count);
	return rc == 0 ? MAILDROP_OK : MAILDROP_ERROR;
}

enum maildrop_load
maildrop_load(struct maildrop *maildrop, int delay)
{
	enum maildrop_load rc = take_lock(maildrop);

	if (rc == MAILDROP_OK)
		rc = check_delay(maildrop, delay);
	if (rc == MAILDROP_OK)
		rc = load_listing(maildrop);
	if (rc != MAILDROP_OK) {
		release_lock(maildrop);
		return rc;
	}
	note_login(maildrop, delay);
	maildrop->deleted =
	    xcalloc(maildrop->listing.count + 1, sizeof(maildrop->deleted[0]));
	maildrop_reset(maildrop);
	return MAILDROP_OK;
}

bool
maildrop_is_closed(const struct maildrop *maildrop)
{
	struct stat st;

	return maildrop->lock != -1 && fstat(maildrop->lock, &st) == 0 &&
	    st.st_nlink == 0;
}

void
maildrop_delete(struct maildrop *maildrop, int i)
{
	maildrop->deleted[i] = true;
	maildrop->left--;
	maildrop->octets -= maildrop->listing.entries[i].octets;
}

void
maildrop_correct(struct maildrop *maildrop, int i, int64_t octets)
{
	struct listing *listing = &maildrop->listing;
	int64_t more = octets - listing->entries[i].octets;

	listing->entries[i].octets = octets;
	listing->octets += more;
	maildrop->octets += more;
}

void
maildrop_reset(struct maildrop *maildrop)
{
	memset(maildrop->deleted, 0,
	    maildrop->listing.count * sizeof(maildrop->deleted[0]));
	maildrop->left = (int)maildrop->listing.count;
	maildrop->octets = maildrop->listing.octets;
}

/* Removes the files; what could not be is not deleted any more. */
static int
remove_messages(struct maildrop *maildrop)
{
	int rc = 0;

	for (size_t i = 0; i < maildrop->listing.count; i++) {
		const struct listing_entry *entry =
		    &maildrop->listing.entries[i];

		if (!maildrop->deleted[i])
			continue;
		if (maildir_remove(&maildrop->maildir, entry->in_new,
			entry->name) == 0)
			continue;
		maildrop->deleted[i] = false;
		maildrop->left++;
		maildrop->octets += entry->octets;
		rc = -1;
	}
	return rc;
}

static void
tell_index(const struct maildrop *maildrop)
{
	struct index *index = index_open(&maildrop->maildir);
	bool good = index != NULL && index_begin(index) == 0;

	/* When it fails, the next index_sync() will find out. */
	for (size_t i = 0; good && i < maildrop->listing.count; i++)
		good = !maildrop->deleted[i] ||
		    index_removed(index, maildrop->listing.entries[i].name) ==
			0;
	if (good)
		(void)index_commit(index);
	index_close(index);
}

int
maildrop_update(struct maildrop *maildrop)
{
	int rc = 0;

	if ((size_t)maildrop->left < maildrop->listing.count) {
		rc = remove_messages(maildrop);
		maildrop->listing.times = (struct folder_times){ .read = 0 };
		/* The commit point: after it they stay removed. */
		if (maildir_sync(&maildrop->maildir) == -1)
			rc = -1;
		tell_index(maildrop);
	}
	/* Before the reply: who reads it may log in again at once. */
	release_lock(maildrop);
	return rc;
}

int
maildrop_open_message(const struct maildrop *maildrop, int i)
{
	const struct listing_entry *entry = &maildrop->listing.entries[i];

	return maildir_open_message(&maildrop->maildir, entry->in_new,
	    entry->name);
}

void
maildrop_leave(struct maildrop *maildrop)
{
	release_lock(maildrop);
	maildir_close(&maildrop->maildir);
	free(maildrop->deleted);
	free(maildrop->name);
	maildrop->deleted = NULL;
	maildrop->name = NULL;
}

void
maildrop_close(struct maildrop *maildrop)
{
	maildrop_leave(maildrop);
	listing_clear(&maildrop->listing);
}
