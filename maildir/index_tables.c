/*
 * index_tables.c - the tables of index.sqlite, and of index.sqlite.text.
 *
 * To change them, add a migration; never edit one that was released.  Header
 * fields and envelope are kept apart by name, because they are apart
 * (worksheet 23).
 *
 * Both files have a write-ahead log: who reads and who writes are not in each
 * other's way.  It is brought into the file when the last one closes, and
 * before that with each writing: the file alone is whole then, unless somebody
 * reads. (With the texts every 1000 pages, for that flushes them.)
 *
 * Nothing of index.sqlite is ever flushed; a process may be killed at any
 * moment all the same, and after a power cut the file is examined before it is
 * used (renew in index_schema.c).
 *
 * The full text has a file of its own.  A reader fills it for seconds when a
 * mailbox is first searched, and deliveries, which write index.sqlite, do not
 * wait for that; they do not even open it.  And a list reads 40 MB for 100,000
 * messages, not these among 400.  It is flushed: to read a large one to its
 * end after each power cut would take longer than all flushes.  FTS5 keeps the
 * text beside its words, for it must know it to forget it.
 */
#include "common/mem.h"
#include "maildir/index_aside.h"
#include "maildir/index_schema.h"
#include "maildir/words.h"

/* clang-format off */
static const char *const mail_migrations[] = {
	"CREATE TABLE message ("
	" uid INTEGER PRIMARY KEY,"       /* in order of arrival */
	" base TEXT NOT NULL UNIQUE,"     /* of the file name: the identity */
	" name TEXT NOT NULL,"            /* of the file, as last seen */
	" in_new INTEGER NOT NULL,"       /* in new/, else in cur/ */
	" octets INTEGER NOT NULL,"       /* with CRLF */
	" received INTEGER NOT NULL,"     /* seconds since 1970 */
	" flags TEXT NOT NULL,"
	" date INTEGER NOT NULL,"         /* of the Date field */
	" header_from TEXT NOT NULL,"
	" header_to TEXT NOT NULL,"
	" subject TEXT NOT NULL,"
	" message_id TEXT NOT NULL,"
	" in_reply_to TEXT NOT NULL,"
	" reference_ids TEXT NOT NULL,"   /* blank-separated */
	" attachments INTEGER NOT NULL,"
	" envelope_sender TEXT NOT NULL,"
	" envelope_recipient TEXT NOT NULL,"
	" helo TEXT NOT NULL,"
	" peer TEXT NOT NULL,"
	" login TEXT NOT NULL,"
	" protocol TEXT NOT NULL,"
	" queue_id TEXT NOT NULL"
	");"
	/*
	 * new.modified, new.changed, cur.modified, cur.changed: mtime and
	 * ctime of the folders as they were last read, in nanoseconds.  Of
	 * programs that looked at mtimes alone are new and cur, which hold for
	 * them all the same: the index was right when the folders had these.
	 * boot: the run of the machine in which this file was used, and its
	 * inode ("RUN INODE.BIRTH"; the run alone in earlier programs).
	 */
	"CREATE TABLE state ("
	" name TEXT PRIMARY KEY,"
	" value NOT NULL"
	") WITHOUT ROWID;",
	/*
	 * 0 until a reader has looked at the message (index_threads.c).  In
	 * state, threads: the greatest uid that was looked at.
	 */
	("ALTER TABLE message ADD COLUMN thread INTEGER NOT NULL DEFAULT 0;"
	 "ALTER TABLE message ADD COLUMN parent INTEGER NOT NULL DEFAULT 0;"),
	/* Of the envelope, too; '' without TLS. */
	"ALTER TABLE message ADD COLUMN tls TEXT NOT NULL DEFAULT '';",
};

static const char *const text_migrations[] = {
	/* What was read; id is the rowid in words. */
	"CREATE TABLE document ("
	" id INTEGER PRIMARY KEY,"
	" base TEXT NOT NULL UNIQUE,"     /* as in message */
	" octets INTEGER NOT NULL"        /* of the message, as in message */
	");"
	"CREATE VIRTUAL TABLE words USING fts5(cc, body, files, tokenize='"
	WORDS_TOKENIZER " remove_diacritics " WORDS_REMOVE_DIACRITICS "');",
	/* boot: as in the other file, without the run of the machine. */
	"CREATE TABLE state ("
	" name TEXT PRIMARY KEY,"
	" value NOT NULL"
	") WITHOUT ROWID;",
};
/* clang-format on */

/* No byte of a log is left when it was brought into the file. */
const struct index_schema index_mail_schema = {
	.file = INDEX_FILE,
	.application = 0x506C6978, /* "Plix" */
	.migrations = mail_migrations,
	.version = COUNT(mail_migrations),
	.pragmas = "PRAGMA page_size=2048; PRAGMA journal_size_limit=0;"
		   "PRAGMA wal_autocheckpoint=1; PRAGMA synchronous=OFF;"
		   "PRAGMA cache_size=-512",
};

const struct index_schema index_text_schema = {
	.file = INDEX_FILE ".text",
	.application = 0x506C7478, /* "Pltx" */
	.migrations = text_migrations,
	.version = COUNT(text_migrations),
	.pragmas = "PRAGMA page_size=4096; PRAGMA journal_size_limit=0;"
		   "PRAGMA synchronous=NORMAL;"
		   "PRAGMA cache_size=-8192",
	.flushed = true,
};
