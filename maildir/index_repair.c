/*
 * index_repair.c - an index examined and made anew, for the operator.
 *
 * Nothing but the index knows a message's envelope, so a rebuild does not begin
 * with an empty file: the rows are written over, each from its message, and
 * keep uid and envelope.  Only a file that is damaged or not ours is set aside,
 * and then asked for the envelopes it can still tell.
 */
#include "maildir/index_repair.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"
#include "maildir/index_aside.h"
#include "maildir/index_lock.h"
#include "maildir/index_private.h"
#include "maildir/index_schema.h"

enum { ENVELOPE_FIELDS = 9 /* the base and eight more */ };

#define ENVELOPES(tls)                                                         \
	"SELECT base, envelope_sender, envelope_recipient, helo, peer, login," \
	" protocol, queue_id, " tls " FROM message"                            \
	" WHERE envelope_recipient <> '' OR queue_id <> ''"

/* Of a file as it is now; and of one before version 3, which kept less. */
static const char *const envelopes[] = { ENVELOPES("tls"), ENVELOPES("''") };

/* An index that is being examined. */
struct check {
	const struct maildir *maildir;
	const struct survey_ear *ear;
};

static void
tell(const struct survey_ear *ear, enum survey_weight weight, const char *kind,
    const char *what)
{
	ear->finding(ear->arg, weight, kind, INDEX_FILE, what);
}

static int
check_size(void *arg, const struct index_entry *entry)
{
	const struct check *check = arg;
	struct maildir_name name;
	int64_t wire = entry->octets;
	char what[96];

	maildir_parse_name(entry->name, &name);
	if (name.wire != -1) {
		wire = name.wire;
	} else {
		int fd = maildir_open_message(check->maildir, entry->in_new,
		    entry->name);

		if (fd != -1) {
			wire = maildir_wire_size(fd);
			close(fd);
		}
	}
	if (wire != -1 && wire != entry->octets) {
		snprintf(what, sizeof(what),
		    "it says %lld octets of uid %lld, which has %lld",
		    (long long)entry->octets, (long long)entry->uid,
		    (long long)wire);
		tell(check->ear, SURVEY_ODD, "index-wrong", what);
	}
	return 0;
}

static void
check_rows(struct index *index, struct check *check)
{
	struct index_difference difference;
	char what[160];

	if (index_compare(index, check->maildir, &difference) == -1 ||
	    index_list_sizes(index, check_size, check) == -1) {
		tell(check->ear, SURVEY_ODD, "index-damaged",
		    "its rows cannot be read");
		return;
	}
	if (difference.added + difference.moved + difference.gone == 0)
		return;
	snprintf(what, sizeof(what),
	    "%zu messages are not in it, %zu otherwise, %zu no longer there;"
	    " it catches up when it is next read",
	    difference.added, difference.moved, difference.gone);
	tell(check->ear, SURVEY_NOTE, "index-behind", what);
}

void
index_check(const struct maildir *maildir, const struct survey_ear *ear)
{
	struct check check = { maildir, ear };
	struct index index = {
		.file = { .schema = &index_mail_schema, .root = maildir->root },
		.root = maildir->root,
		.gate = -1,
	};
	const char *fault;
	struct stat st;

	if (fstatat(maildir->root, INDEX_FILE, &st, AT_SYMLINK_NOFOLLOW) ==
	    -1) {
		tell(ear, SURVEY_NOTE, "index-missing",
		    "it is made when it is next needed");
		return;
	}
	if (!S_ISREG(st.st_mode)) {
		tell(ear, SURVEY_ODD, "index-foreign", "it is no file");
		return;
	}
	index.file.db = index_db_open_file(maildir->root, INDEX_FILE, DB_WRITE);
	fault = "it cannot be opened";
	if (index.file.db != NULL)
		(void)index_schema_examine(index.file.db, &index_mail_schema,
		    &fault);
	if (fault != NULL)
		tell(ear, SURVEY_ODD, "index-damaged", fault);
	else if (maildir->new != -1 && maildir->cur != -1)
		check_rows(&index, &check);
	for (size_t i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(index.statements[i]);
	sqlite3_close(index.file.db);
}

/* Gives one row of FROM to the same message.  1 when it had none, or 0, -1. */
static int
adopt_row(struct index *index, sqlite3_stmt *from)
{
	sqlite3_stmt *to = index_prepare(index, SQL_ENVELOPE);

	if (to == NULL)
		return -1;
	for (int i = 0; i < ENVELOPE_FIELDS; i++)
		sqlite3_bind_text(to, i + 1, db_text(from, i), -1,
		    SQLITE_TRANSIENT);
	if (index_run(index, to) == -1)
		return -1;
	return sqlite3_changes(index->file.db);
}

/* NULL when DB holds no envelopes that we can read. */
static sqlite3_stmt *
prepare_envelopes(sqlite3 *db)
{
	sqlite3_stmt *from = NULL;

	for (size_t i = 0; from == NULL && i < COUNT(envelopes); i++)
		(void)sqlite3_prepare_v2(db, envelopes[i], -1, &from, NULL);
	return from;
}

int64_t
index_adopt(struct index *index, int root, const char *file)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *from = NULL;
	int64_t adopted = 0;
	int changed = 0;
	struct stat st;

	if (fstatat(root, file, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISREG(st.st_mode))
		return -1;
	db = index_db_open_file(root, file, DB_READ);
	if (db != NULL)
		from = prepare_envelopes(db);
	if (from == NULL || index_begin(index) == -1) {
		sqlite3_finalize(from);
		sqlite3_close(db);
		return -1;
	}
	/* A damaged one ends with an error somewhere; what came is good. */
	while (changed != -1 && sqlite3_step(from) == SQLITE_ROW) {
		changed = adopt_row(index, from);
		adopted += changed == -1 ? 0 : changed;
	}
	sqlite3_finalize(from);
	sqlite3_close(db);
	return index_end(index, changed == -1 ? -1 : 0) == -1 ? -1 : adopted;
}

/* Whether the file is of a later version of this program. */
static bool
is_newer(const struct maildir *maildir)
{
	sqlite3 *db = index_db_open_file(maildir->root, INDEX_FILE, DB_READ);
	const char *fault;
	bool newer = db != NULL &&
	    index_schema_examine(db, &index_mail_schema, &fault) == INDEX_NEWER;

	sqlite3_close(db);
	return newer;
}

/*
 * The way back: programs leave a newer index alone, which another process may
 * be using; but who asks for a rebuild wants one that this version can read.
 */
static void
set_newer_aside(const struct maildir *maildir)
{
	int lock = index_lock_open(maildir->root, "tmp");

	if (lock == -1)
		return;
	if (index_lock_take(lock, LOCK_EX) == 0 && is_newer(maildir))
		index_set_aside(maildir->root, INDEX_FILE);
	close(lock);
}

/* Opens it whole: one that is damaged within goes aside. */
static struct index *
open_whole(const struct maildir *maildir)
{
	struct index *index = index_open(maildir);
	const char *fault;

	if (index == NULL ||
	    index_schema_examine(index->file.db, &index_mail_schema, &fault) !=
		INDEX_BAD)
		return index;
	log_failure("index of %s: %s", index_where(index->root), fault);
	index->file.broken = true;
	index_close(index);
	return index_open(maildir);
}

int
index_rebuild(const struct maildir *maildir)
{
	struct index *index = open_whole(maildir);
	int64_t adopted;
	int rc;

	if (index == NULL && is_newer(maildir)) {
		set_newer_aside(maildir);
		index = index_open(maildir);
	}
	if (index == NULL)
		return -1;
	rc = index_refresh(index, maildir);
	if (rc == 0) {
		adopted = index_adopt(index, index->root, INDEX_FILE ".bad");
		if (adopted > 0)
			log_event(LOG_INFO, "index-adopted",
			    "maildir=%s envelopes=%lld",
			    index_where(index->root), (long long)adopted);
	}
	index_close(index);
	return rc;
}
