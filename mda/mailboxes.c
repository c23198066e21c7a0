/*
 * mailboxes.c - a few open mailboxes, the least recently used leaves first.
 *
 * While a descriptor of a folder is held its inode number cannot be given to
 * another one, so comparing device and inode with what the path leads to now
 * tells whether the folder was removed or replaced.  (Of the index itself
 * index_is_there() tells the same.)
 */
#include "mda/mailboxes.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/directory.h"
#include "common/log.h"
#include "mda/subfolder.h"
#include "mda/usage.h"

enum {
	CLEANING_PERIOD = 3600, /* seconds between two looks into one tmp/ */
	CLEANED_SLOTS = 512,
	INDEX_PAUSE = 5, /* seconds to do without an index that failed */
};

/* Which file a name leads to; no file has inode 0. */
struct identity {
	dev_t device;
	ino_t inode;
};

struct open_mailbox {
	/* With that of a subfolder; "": free. */
	char folder[sizeof(((struct mailbox *)NULL)->folder) + SUBFOLDER_MAX];
	uint64_t used;
	struct maildir maildir;
	struct identity root;
	struct identity new;
	struct identity cur;
	struct index *index; /* NULL while there is none to be had */
	time_t index_retry;  /* not before */
	struct usage usage;
};

/* About 100 KB and 9 descriptors each. */
static struct open_mailbox boxes[MAILBOXES_OPEN];
static uint64_t uses;

static time_t
now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static struct identity
identify(int at, const char *path)
{
	struct stat st;

	if (fstatat(at, path, &st, 0) == -1)
		return (struct identity){ 0 };
	return (struct identity){ st.st_dev, st.st_ino };
}

static bool
is_same(struct identity a, struct identity b)
{
	return a.device == b.device && a.inode == b.inode && a.inode != 0;
}

/*
 * Looks for what crashes left in tmp/.  A mailbox that was cleaned within the
 * hour is remembered by a hash, also when it is not open any more; two that
 * share a slot are only cleaned more often.
 */
static void
clean_tmp(const struct open_mailbox *box)
{
	static struct {
		uint32_t hash;
		time_t when;
	} cleaned[CLEANED_SLOTS];
	uint32_t hash = 2166136261U; /* FNV-1a */
	time_t now = now_seconds();
	size_t slot;

	for (const char *c = box->folder; *c != '\0'; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619U;
	slot = hash % CLEANED_SLOTS;
	if (cleaned[slot].hash == hash && cleaned[slot].when != 0 &&
	    now - cleaned[slot].when < CLEANING_PERIOD)
		return;
	cleaned[slot].hash = hash;
	cleaned[slot].when = now;
	maildir_clean_tmp(&box->maildir);
}

void
mailboxes_forget(struct open_mailbox *box)
{
	if (box->folder[0] == '\0')
		return;
	index_close(box->index);
	maildir_close(&box->maildir);
	memset(box, 0, sizeof(*box));
}

void
mailboxes_close(void)
{
	for (size_t i = 0; i < MAILBOXES_OPEN; i++)
		mailboxes_forget(&boxes[i]);
}

static bool
is_still_there(const struct open_mailbox *box)
{
	return is_same(box->root, identify(AT_FDCWD, box->folder)) &&
	    is_same(box->new, identify(box->maildir.root, "new")) &&
	    is_same(box->cur, identify(box->maildir.root, "cur"));
}

/* The open one of that name, else a free place, else the one unused longest. */
static struct open_mailbox *
find_place(const char *folder)
{
	struct open_mailbox *place = &boxes[0];

	for (size_t i = 0; i < MAILBOXES_OPEN; i++) {
		if (strcmp(boxes[i].folder, folder) == 0)
			return &boxes[i];
		if (boxes[i].used < place->used)
			place = &boxes[i];
	}
	return place;
}

struct open_mailbox *
mailboxes_get(const char *folder)
{
	struct open_mailbox *box = find_place(folder);

	if (strcmp(box->folder, folder) != 0 || !is_still_there(box)) {
		mailboxes_forget(box);
		if (maildir_open(AT_FDCWD, folder, true, &box->maildir) == -1)
			return NULL;
		if (!copy_string(box->folder, sizeof(box->folder), folder))
			panic("a folder name of %zu bytes", strlen(folder));
		box->root = identify(box->maildir.root, ".");
		box->new = identify(box->maildir.root, "new");
		box->cur = identify(box->maildir.root, "cur");
	}
	box->used = ++uses;
	clean_tmp(box);
	return box;
}

const struct maildir *
mailboxes_maildir(const struct open_mailbox *box)
{
	return &box->maildir;
}

const char *
mailboxes_folder(const struct open_mailbox *box)
{
	return box->folder;
}

struct open_mailbox *
mailboxes_subfolder(struct open_mailbox *box, const struct mailbox *mailbox,
    const char *original)
{
	char path[sizeof(box->folder)];
	char name[SUBFOLDER_MAX];
	struct open_mailbox *folder;

	if (!subfolder_find(&box->maildir, mailbox->login, original, name))
		return box;
	snprintf(path, sizeof(path), "%s/%s", mailbox->folder, name);
	folder = mailboxes_get(path);
	return folder == NULL ? box : folder;
}

int64_t
mailboxes_add_usage(struct open_mailbox *box, int64_t octets)
{
	usage_add(&box->usage, octets);
	return usage_count(&box->usage, &box->maildir);
}

struct reply
mailboxes_check_room(struct open_mailbox *box, const struct mailbox *mailbox,
    int64_t more)
{
	const int64_t quota = mailbox->quota;

	if (quota > 0 && more > quota)
		return reply(552,
		    "5.2.2 <%s> The message is larger than the mailbox may be",
		    mailbox->login);
	if (quota > 0 && usage_count(&box->usage, &box->maildir) + more > quota)
		return reply(452, "4.2.2 <%s> Mailbox full", mailbox->login);
	return reply(250, "2.1.5 Ok");
}

static void
drop_index(struct open_mailbox *box)
{
	index_close(box->index);
	box->index = NULL;
}

/* Opens the index, or leaves box->index NULL. */
static void
have_index(struct open_mailbox *box)
{
	if (box->index != NULL && !index_is_there(box->index))
		drop_index(box);
	if (box->index != NULL || now_seconds() < box->index_retry)
		return;
	box->index = index_open(&box->maildir);
	if (box->index == NULL)
		box->index_retry = now_seconds() + INDEX_PAUSE;
}

void
mailboxes_delivered(struct open_mailbox *box, const char *name, int fd,
    const struct delivery *delivery)
{
	bool damaged = true;

	/* Once more when it was damaged: there is another one then. */
	for (int tries = 0; tries < 2 && damaged; tries++) {
		have_index(box);
		if (box->index == NULL ||
		    index_add(box->index, name, fd, delivery) == 0)
			return;
		damaged = index_is_damaged(box->index);
		drop_index(box);
	}
	box->index_retry = now_seconds() + INDEX_PAUSE;
}
