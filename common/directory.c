/*
 * directory.c - who has mail here: the tables, and looking one up.
 *
 * Everything in the tables is in lower case (ASCII; names are nothing else),
 * so a look-up lowers its question and compares bytes.  Statements are
 * prepared once and reset at once after use: an open one would hold the
 * database's lock and keep the postlab command waiting.
 */
#include "common/directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/directory_db.h"
#include "common/log.h"

static const char file_name[] = "directory.sqlite";

/* user_version; a change of the tables counts it up. */
enum { VERSION = 1 };

static const char schema[] =
    "PRAGMA journal_mode = DELETE;"
    "PRAGMA synchronous = EXTRA;"
    "BEGIN;"
    "CREATE TABLE domain (domain TEXT PRIMARY KEY) WITHOUT ROWID;"
    "CREATE TABLE mailbox ("
    "  domain TEXT NOT NULL REFERENCES domain,"
    "  local TEXT NOT NULL,"
    "  quota INTEGER NOT NULL DEFAULT 0," /* octets, 0: none */
    "  disabled INTEGER NOT NULL DEFAULT 0,"
    "  PRIMARY KEY (domain, local)) WITHOUT ROWID;"
    "CREATE TABLE alias ("
    "  domain TEXT NOT NULL REFERENCES domain,"
    "  local TEXT NOT NULL," /* empty: whoever is not known */
    "  target TEXT NOT NULL,"
    "  PRIMARY KEY (domain, local, target)) WITHOUT ROWID;"
    "CREATE INDEX alias_target ON alias (target);"
    "PRAGMA user_version = 1;"
    "COMMIT";

static const char *const sql[SQL_COUNT] = {
	[SQL_BEGIN_READ] = "BEGIN",
	[SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_FIND_DOMAIN] = "SELECT 1 FROM domain WHERE domain = ?1",
	[SQL_FIND_MAILBOX] = "SELECT quota, disabled FROM mailbox "
			     "WHERE domain = ?2 AND local = ?1",
	[SQL_FIND_TARGETS] = "SELECT target FROM alias "
			     "WHERE domain = ?2 AND local = ?1 "
			     "ORDER BY target",
	[SQL_FIND_DOMAIN_USE] = "SELECT 1 FROM mailbox WHERE domain = ?1",
	[SQL_ADD_DOMAIN] = "INSERT INTO domain VALUES (?1)",
	[SQL_DELETE_DOMAIN] = "DELETE FROM domain WHERE domain = ?1",
	[SQL_DELETE_DOMAIN_ALIASES] = "DELETE FROM alias WHERE domain = ?1",
	[SQL_ADD_MAILBOX] =
	    "INSERT INTO mailbox (local, domain) VALUES (?1, ?2)",
	[SQL_DELETE_MAILBOX] =
	    "DELETE FROM mailbox WHERE domain = ?2 AND local = ?1",
	[SQL_DELETE_TARGET] = "DELETE FROM alias WHERE target = ?1",
	[SQL_SET_DISABLED] = "UPDATE mailbox SET disabled = ?3 "
			     "WHERE domain = ?2 AND local = ?1",
	[SQL_SET_QUOTA] = "UPDATE mailbox SET quota = ?3 "
			  "WHERE domain = ?2 AND local = ?1",
	[SQL_ADD_ALIAS] = "INSERT OR IGNORE INTO alias (local, domain, target) "
			  "VALUES (?1, ?2, ?3)",
	[SQL_DELETE_ALIAS] = "DELETE FROM alias WHERE domain = ?2 "
			     "AND local = ?1 AND (?3 = '' OR target = ?3)",
	[SQL_LIST_DOMAINS] = "SELECT domain FROM domain ORDER BY domain",
	[SQL_LIST_MAILBOXES] = "SELECT local, domain, quota, disabled "
			       "FROM mailbox ORDER BY domain, local",
	[SQL_LIST_ALIASES] = "SELECT local, domain, target FROM alias "
			     "ORDER BY domain, local, target",
};

int
directory_create(void)
{
	sqlite3 *db = db_open(file_name, DB_CREATE, false);
	int rc;

	if (db == NULL)
		return -1;
	rc = db_exec(db, schema);
	sqlite3_close(db);
	return rc;
}

struct directory *
directory_open(bool write)
{
	sqlite3 *db = db_open(file_name, write ? DB_WRITE : DB_READ, false);
	struct directory *d;

	if (db == NULL)
		return NULL;
	/* EXTRA also syncs the folder when the journal goes: durable. */
	if (!db_is_version(db, file_name, VERSION) ||
	    (write && db_exec(db, "PRAGMA synchronous = EXTRA") == -1)) {
		sqlite3_close(db);
		return NULL;
	}
	d = xcalloc(1, sizeof(*d));
	d->db = db;
	return d;
}

void
directory_close(struct directory *directory)
{
	if (directory == NULL)
		return;
	for (size_t i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(directory->statements[i]);
	sqlite3_close(directory->db);
	free(directory);
}

static void
lower(const char *from, char *to)
{
	for (; *from != '\0'; from++)
		*to++ = *from >= 'A' && *from <= 'Z' ? (char)(*from - 'A' + 'a')
						     : *from;
	*to = '\0';
}

void
directory_lower(const struct address *address, struct directory_name *name_out)
{
	lower(address->local, name_out->local);
	lower(address->domain, name_out->domain);
}

static bool
bind(sqlite3_stmt *statement, int i, const char *text)
{
	return text == NULL ||
	    sqlite3_bind_text(statement, i, text, -1, SQLITE_STATIC) ==
	    SQLITE_OK;
}

sqlite3_stmt *
directory_statement(struct directory *d, enum directory_sql which,
    const char *a, const char *b, const char *c)
{
	sqlite3_stmt *statement = d->statements[which];

	if (statement == NULL)
		statement = db_prepare(d->db, sql[which]);
	d->statements[which] = statement;
	if (statement == NULL)
		return NULL;
	sqlite3_reset(statement);
	if (!bind(statement, 1, a) || !bind(statement, 2, b) ||
	    !bind(statement, 3, c))
		panic("bind %s: %s", sql[which], sqlite3_errmsg(d->db));
	return statement;
}

enum lookup
directory_step(struct directory *d, sqlite3_stmt *statement)
{
	if (statement == NULL)
		return LOOKUP_ERROR;
	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		return LOOKUP_YES;
	case SQLITE_DONE:
		return LOOKUP_NO;
	default:
		log_failure("%s: %s", file_name, sqlite3_errmsg(d->db));
		return LOOKUP_ERROR;
	}
}

enum lookup
directory_run(struct directory *d, enum directory_sql which, const char *a,
    const char *b, const char *c)
{
	sqlite3_stmt *statement = directory_statement(d, which, a, b, c);
	enum lookup found = directory_step(d, statement);

	sqlite3_reset(statement);
	return found;
}

bool
directory_is_safe(const char *local)
{
	return *local != '\0' && *local != '.' &&
	    local[strspn(local, "abcdefghijklmnopqrstuvwxyz0123456789._+=-")] ==
	    '\0';
}

void
directory_name_mailbox(struct mailbox *mailbox, const char *local,
    const char *domain)
{
	*mailbox = (struct mailbox){ .quota = 0 };
	(void)snprintf(mailbox->login, sizeof(mailbox->login), "%s@%s", local,
	    domain);
	(void)snprintf(mailbox->folder, sizeof(mailbox->folder), "mail/%s/%s",
	    domain, local);
}

enum lookup
directory_has_domain(struct directory *d, const char *domain)
{
	struct directory_name name;

	if (strlen(domain) > DOMAIN_MAX)
		return LOOKUP_NO;
	lower(domain, name.domain);
	return directory_run(d, SQL_FIND_DOMAIN, name.domain, NULL, NULL);
}

enum lookup
directory_mailbox(struct directory *d, const struct address *address,
    struct mailbox *mailbox_out)
{
	struct directory_name name;
	sqlite3_stmt *statement;
	enum lookup found;

	directory_lower(address, &name);
	statement = directory_statement(d, SQL_FIND_MAILBOX, name.local,
	    name.domain, NULL);
	found = directory_step(d, statement);
	if (found == LOOKUP_YES) {
		directory_name_mailbox(mailbox_out, name.local, name.domain);
		mailbox_out->quota = sqlite3_column_int64(statement, 0);
		mailbox_out->disabled = sqlite3_column_int(statement, 1) != 0;
	}
	sqlite3_reset(statement);
	return found;
}

enum lookup
directory_login(struct directory *d, const char *login,
    const char *default_domain, struct mailbox *mailbox_out)
{
	const char *at = strrchr(login, '@');
	const char *domain = at == NULL ? default_domain : at + 1;
	size_t length = at == NULL ? strlen(login) : (size_t)(at - login);
	struct address address;

	if (length > LOCAL_PART_MAX ||
	    !copy_string(address.domain, sizeof(address.domain), domain))
		return LOOKUP_NO;
	memcpy(address.local, login, length);
	address.local[length] = '\0';
	return directory_mailbox(d, &address, mailbox_out);
}
