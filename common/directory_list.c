/* directory_list.c - all there is, in the order of the names. */
#include "common/directory.h"

#include "common/directory_db.h"
#include "common/mem.h"

int
directory_list_domains(struct directory *d,
    void (*each)(void *arg, const char *domain), void *arg)
{
	sqlite3_stmt *statement =
	    directory_statement(d, SQL_LIST_DOMAINS, NULL, NULL, NULL);
	enum lookup more;

	while ((more = directory_step(d, statement)) == LOOKUP_YES)
		each(arg, db_text(statement, 0));
	sqlite3_reset(statement);
	return more == LOOKUP_ERROR ? -1 : 0;
}

int
directory_list_mailboxes(struct directory *d,
    void (*each)(void *arg, const struct mailbox *mailbox), void *arg)
{
	sqlite3_stmt *statement =
	    directory_statement(d, SQL_LIST_MAILBOXES, NULL, NULL, NULL);
	struct mailbox mailbox;
	enum lookup more;

	while ((more = directory_step(d, statement)) == LOOKUP_YES) {
		directory_name_mailbox(&mailbox, db_text(statement, 0),
		    db_text(statement, 1));
		mailbox.quota = sqlite3_column_int64(statement, 2);
		mailbox.disabled = sqlite3_column_int(statement, 3) != 0;
		each(arg, &mailbox);
	}
	sqlite3_reset(statement);
	return more == LOOKUP_ERROR ? -1 : 0;
}

int
directory_list_aliases(struct directory *d,
    void (*each)(void *arg, const char *alias, const char *target), void *arg)
{
	sqlite3_stmt *statement =
	    directory_statement(d, SQL_LIST_ALIASES, NULL, NULL, NULL);
	struct address alias;
	char text[ADDRESS_TEXT_MAX];
	enum lookup more;

	while ((more = directory_step(d, statement)) == LOOKUP_YES) {
		(void)copy_string(alias.local, sizeof(alias.local),
		    db_text(statement, 0));
		(void)copy_string(alias.domain, sizeof(alias.domain),
		    db_text(statement, 1));
		address_format(&alias, text, sizeof(text));
		/* The catch-all is written as one adds it: @domain. */
		each(arg, *alias.local == '\0' ? text + 2 : text,
		    db_text(statement, 2));
	}
	sqlite3_reset(statement);
	return more == LOOKUP_ERROR ? -1 : 0;
}
