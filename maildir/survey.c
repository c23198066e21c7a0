/*
 * survey.c - what is odd in a Maildir, told and not mended.
 *
 * Others may work in it meanwhile, so what is gone when it is looked at was
 * moved and is nothing odd; and of two files with one base both must still be
 * there at the end.
 */
#include "maildir/survey.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"
#include "maildir/maildir_name.h"

enum { DRAFT_LIFE = 36 * 3600, WHERE_SIZE = MAILDIR_NAME_MAX + 8 };

struct seen {
	char *name;
	bool in_new;
};

struct survey {
	const struct maildir *maildir;
	const struct survey_ear *ear;
	uid_t owner;
	struct seen *seen;
	size_t count;
	size_t room;
};

/* One entry of one of the folders. */
struct entry {
	int folder;
	const char *folder_name;
	const char *name;
	struct stat st;
};

static void
tell(const struct survey *survey, enum survey_weight weight, const char *kind,
    const struct entry *entry, const char *what)
{
	char where[WHERE_SIZE];

	snprintf(where, sizeof(where), "%s/%s", entry->folder_name,
	    entry->name);
	survey->ear->finding(survey->ear->arg, weight, kind, where, what);
}

static void
remember(struct survey *survey, bool in_new, const char *name)
{
	if (survey->count == survey->room) {
		survey->room = survey->room == 0 ? 64 : survey->room * 2;
		survey->seen = xrealloc(survey->seen,
		    survey->room * sizeof(survey->seen[0]));
	}
	survey->seen[survey->count++] = (struct seen){ xstrdup(name), in_new };
}

/* What kind of file is not a message, or NULL. */
static const char *
strange_type(mode_t mode)
{
	if (S_ISREG(mode))
		return NULL;
	if (S_ISLNK(mode))
		return "a symbolic link, which is not followed";
	if (S_ISDIR(mode))
		return "a folder, which is no message";
	if (S_ISFIFO(mode))
		return "a fifo; it would hang who waits for it";
	return "a socket or device, which is no message";
}

static bool
is_printable(const char *name)
{
	for (; *name != '\0'; name++)
		if (*name <= ' ' || *name > '~')
			return false;
	return true;
}

static void
check_name(const struct survey *survey, const struct entry *entry)
{
	const char *info = strchr(entry->name, ':');

	if (!is_printable(entry->name))
		tell(survey, SURVEY_ODD, "odd-name", entry,
		    "bytes in its name are not printable ASCII");
	else if (info != NULL && strncmp(info, ":2,", 3) != 0)
		tell(survey, SURVEY_ODD, "odd-name", entry,
		    "what follows the colon are no flags (:2,)");
}

static void
check_sizes(const struct survey *survey, const struct entry *entry, int fd)
{
	struct maildir_name name;
	int64_t wire = maildir_wire_size(fd);
	char what[128];

	if (wire == -1) {
		snprintf(what, sizeof(what), "it cannot be read: %s",
		    strerror(errno));
		tell(survey, SURVEY_ODD, "unreadable", entry, what);
		return;
	}
	maildir_parse_name(entry->name, &name);
	if (name.size != -1 && name.size != entry->st.st_size) {
		snprintf(what, sizeof(what),
		    "its name says S=%lld, it has %lld octets",
		    (long long)name.size, (long long)entry->st.st_size);
		tell(survey, SURVEY_ODD, "wrong-size", entry, what);
	} else if (name.wire != -1 && name.wire != wire) {
		snprintf(what, sizeof(what),
		    "its name says W=%lld, it has %lld with CRLF",
		    (long long)name.wire, (long long)wire);
		tell(survey, SURVEY_ODD, "wrong-size", entry, what);
	}
}

/* Looks at one entry of new/ or cur/. */
static void
check_message(struct survey *survey, const struct entry *entry)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	const char *strange = strange_type(entry->st.st_mode);
	int fd;

	if (strange != NULL) {
		tell(survey, SURVEY_ODD, "no-message", entry, strange);
		return;
	}
	if (!maildir_name_is_plain(entry->name)) {
		tell(survey, SURVEY_NOTE, "hidden", entry,
		    "names that begin with a dot are no messages");
		return;
	}
	check_name(survey, entry);
	if (entry->st.st_uid != survey->owner)
		tell(survey, SURVEY_ODD, "owner", entry,
		    "it belongs to another user than the Maildir");
	fd = openat(entry->folder, entry->name, flags);
	if (fd != -1) {
		check_sizes(survey, entry, fd);
		close(fd);
	} else if (errno != ENOENT) {
		tell(survey, SURVEY_ODD, "unreadable", entry, strerror(errno));
	}
	remember(survey, entry->folder == survey->maildir->new, entry->name);
	survey->ear->message(survey->ear->arg, entry->st.st_size);
}

static void
check_draft(struct survey *survey, const struct entry *entry)
{
	const char *strange = strange_type(entry->st.st_mode);
	time_t old = time(NULL) - DRAFT_LIFE;

	if (strange != NULL)
		tell(survey, SURVEY_ODD, "no-message", entry, strange);
	else if (entry->st.st_mtime < old && entry->st.st_atime < old)
		tell(survey, SURVEY_NOTE, "stale", entry,
		    "a delivery that was never finished, older than 36 hours");
}

static int
check_folder(struct survey *survey, int folder, const char *folder_name,
    void (*check)(struct survey *survey, const struct entry *entry))
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd == -1 ? NULL : fdopendir(fd);

	if (list == NULL) {
		log_errno("list %s/", folder_name);
		if (fd != -1)
			close(fd);
		return -1;
	}
	for (const struct dirent *found = readdir(list); found != NULL;
	     found = readdir(list)) {
		struct entry entry = { folder, folder_name, found->d_name,
			{ 0 } };

		if (strcmp(found->d_name, ".") != 0 &&
		    strcmp(found->d_name, "..") != 0 &&
		    fstatat(folder, found->d_name, &entry.st,
			AT_SYMLINK_NOFOLLOW) == 0)
			check(survey, &entry);
	}
	closedir(list);
	return 0;
}

static int
by_base(const void *a, const void *b)
{
	return maildir_name_compare(((const struct seen *)a)->name,
	    ((const struct seen *)b)->name);
}

static bool
is_still_there(const struct survey *survey, const struct seen *seen)
{
	struct stat st;

	return fstatat(seen->in_new ? survey->maildir->new
				    : survey->maildir->cur,
		   seen->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A base is a message's identity; only one of two is shown by anybody. */
static void
check_twins(const struct survey *survey)
{
	if (survey->count > 1)
		qsort(survey->seen, survey->count, sizeof(survey->seen[0]),
		    by_base);
	for (size_t i = 1; i < survey->count; i++) {
		const struct seen *a = &survey->seen[i - 1];
		const struct seen *b = &survey->seen[i];
		struct entry entry = { .name = b->name };

		if (maildir_name_compare(a->name, b->name) != 0 ||
		    !is_still_there(survey, a) || !is_still_there(survey, b))
			continue;
		entry.folder_name = b->in_new ? "new" : "cur";
		tell(survey, SURVEY_ODD, "twice", &entry,
		    "another file is the same message by its name");
	}
}

static int
check_one(struct survey *survey, int folder, const char *name)
{
	struct stat st;
	bool there =
	    fstatat(survey->maildir->root, name, &st, AT_SYMLINK_NOFOLLOW) == 0;

	if (folder == -1) {
		survey->ear->finding(survey->ear->arg, SURVEY_ODD, "no-folder",
		    name,
		    there ? "it is no folder that can be opened"
			  : "it is missing; the next delivery makes it");
		return 0;
	}
	if (there && st.st_uid != survey->owner)
		survey->ear->finding(survey->ear->arg, SURVEY_ODD, "owner",
		    name, "it belongs to another user than the Maildir");
	return check_folder(survey, folder, name,
	    folder == survey->maildir->tmp ? check_draft : check_message);
}

int
survey_maildir(const struct maildir *maildir, const struct survey_ear *ear)
{
	struct survey survey = { .maildir = maildir, .ear = ear };
	struct stat st;
	int rc = -1;

	if (fstat(maildir->root, &st) == -1)
		return log_errno("look at the Maildir");
	survey.owner = st.st_uid;
	if (check_one(&survey, maildir->tmp, "tmp") == 0 &&
	    check_one(&survey, maildir->new, "new") == 0 &&
	    check_one(&survey, maildir->cur, "cur") == 0) {
		check_twins(&survey);
		rc = 0;
	}
	for (size_t i = 0; i < survey.count; i++)
		free(survey.seen[i].name);
	free(survey.seen);
	return rc;
}
