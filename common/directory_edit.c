/*
 * directory_edit.c - the operator's changes and lists.
 *
 * Each change is one transaction that checks first: what gives no sense (an
 * alias beside a mailbox of the same name, a loop, an unknown target) is
 * refused with a sentence instead of being found out by a lost mail.
 */
#include "common/directory.h"

#include <stdio.h>
#include <string.h>

#include "common/directory_db.h"
#include "common/log.h"

const char directory_trouble[] = "it cannot be stored now; the log says why";

static int
refuse(const char **why, const char *sentence)
{
	*why = sentence;
	return -1;
}

static int
begin(struct directory *d, const char **why)
{
	*why = NULL;
	if (directory_run(d, SQL_BEGIN_WRITE, NULL, NULL, NULL) != LOOKUP_NO)
		return refuse(why, directory_trouble);
	return 0;
}

/* Ends the transaction: commits when RC is 0.  Returns what came of it. */
static int
finish(struct directory *d, int rc, const char **why)
{
	if (rc == 0 &&
	    directory_run(d, SQL_COMMIT, NULL, NULL, NULL) == LOOKUP_NO)
		return 0;
	if (sqlite3_get_autocommit(d->db) == 0)
		directory_run(d, SQL_ROLLBACK, NULL, NULL, NULL);
	return *why != NULL ? -1 : refuse(why, directory_trouble);
}

/* Runs a change; NOTHING is the sentence when it changed no row. */
static int
change(struct directory *d, sqlite3_stmt *statement, const char **why,
    const char *nothing)
{
	enum lookup rc = directory_step(d, statement);

	sqlite3_reset(statement);
	if (rc == LOOKUP_ERROR)
		return refuse(why, directory_trouble);
	if (nothing != NULL && sqlite3_changes(d->db) == 0)
		return refuse(why, nothing);
	return 0;
}

/* 0 when FOUND is what is WANTED; else why not. */
static int
expect(enum lookup found, enum lookup wanted, const char **why,
    const char *sentence)
{
	if (found == wanted)
		return 0;
	return refuse(why,
	    found == LOOKUP_ERROR ? directory_trouble : sentence);
}

static int
expect_our_domain(struct directory *d, const char *domain, const char **why)
{
	return expect(directory_has_domain(d, domain), LOOKUP_YES, why,
	    "the domain is not one of ours; postlab domain add makes it so");
}

int
directory_add_domain(struct directory *d, const char *domain, const char **why)
{
	struct address address = { .local = "" };
	struct directory_name name;
	int rc;

	if (!copy_string(address.domain, sizeof(address.domain), domain) ||
	    !domain_is_valid(domain))
		return refuse(why, "that is no domain name");
	directory_lower(&address, &name);
	if (begin(d, why) == -1)
		return -1;
	rc = expect(directory_has_domain(d, domain), LOOKUP_NO, why,
	    "the domain is one of ours already");
	if (rc == 0)
		rc = change(d,
		    directory_statement(d, SQL_ADD_DOMAIN, name.domain, NULL,
			NULL),
		    why, NULL);
	return finish(d, rc, why);
}

static int
delete_domain(struct directory *d, const char *domain, const char **why)
{
	if (expect_our_domain(d, domain, why) == -1 ||
	    expect(directory_run(d, SQL_FIND_DOMAIN_USE, domain, NULL, NULL),
		LOOKUP_NO, why,
		"the domain has mailboxes; delete them first") == -1)
		return -1;
	if (change(d,
		directory_statement(d, SQL_DELETE_DOMAIN_ALIASES, domain, NULL,
		    NULL),
		why, NULL) == -1)
		return -1;
	return change(d,
	    directory_statement(d, SQL_DELETE_DOMAIN, domain, NULL, NULL), why,
	    NULL);
}

int
directory_delete_domain(struct directory *d, const char *domain,
    const char **why)
{
	struct address address = { .local = "" };
	struct directory_name name;

	(void)copy_string(address.domain, sizeof(address.domain), domain);
	directory_lower(&address, &name);
	if (begin(d, why) == -1)
		return -1;
	return finish(d, delete_domain(d, name.domain, why), why);
}

static int
add_mailbox(struct directory *d, const struct directory_name *name,
    const char **why)
{
	if (expect_our_domain(d, name->domain, why) == -1 ||
	    expect(directory_run(d, SQL_FIND_MAILBOX, name->local, name->domain,
		       NULL),
		LOOKUP_NO, why,
		"there is a mailbox of that name already") == -1 ||
	    expect(directory_run(d, SQL_FIND_TARGETS, name->local, name->domain,
		       NULL),
		LOOKUP_NO, why, "there is an alias of that name") == -1)
		return -1;
	return change(d,
	    directory_statement(d, SQL_ADD_MAILBOX, name->local, name->domain,
		NULL),
	    why, NULL);
}

int
directory_add_mailbox(struct directory *d, const struct address *address,
    const char **why)
{
	struct directory_name name;

	directory_lower(address, &name);
	if (!directory_is_safe(name.local))
		return refuse(why,
		    "a mailbox name is of letters, digits and . _ + = - and "
		    "does not begin with a dot");
	if (begin(d, why) == -1)
		return -1;
	return finish(d, add_mailbox(d, &name, why), why);
}

int
directory_delete_mailbox(struct directory *d, const struct address *address,
    const char **why)
{
	struct directory_name name;
	struct mailbox mailbox;
	int rc;

	directory_lower(address, &name);
	directory_name_mailbox(&mailbox, name.local, name.domain);
	if (begin(d, why) == -1)
		return -1;
	rc = change(d,
	    directory_statement(d, SQL_DELETE_MAILBOX, name.local, name.domain,
		NULL),
	    why, "there is no mailbox of that name");
	if (rc == 0)
		rc = change(d,
		    directory_statement(d, SQL_DELETE_TARGET, mailbox.login,
			NULL, NULL),
		    why, NULL);
	return finish(d, rc, why);
}

/* Sets one number of a mailbox. */
static int
set_number(struct directory *d, enum directory_sql which,
    const struct address *address, int64_t number, const char **why)
{
	struct directory_name name;
	sqlite3_stmt *statement;
	int rc;

	directory_lower(address, &name);
	if (begin(d, why) == -1)
		return -1;
	statement =
	    directory_statement(d, which, name.local, name.domain, NULL);
	if (statement != NULL)
		sqlite3_bind_int64(statement, 3, number);
	rc = change(d, statement, why, "there is no mailbox of that name");
	return finish(d, rc, why);
}

int
directory_set_disabled(struct directory *d, const struct address *address,
    bool disabled, const char **why)
{
	return set_number(d, SQL_SET_DISABLED, address, disabled ? 1 : 0, why);
}

int
directory_set_quota(struct directory *d, const struct address *address,
    int64_t quota, const char **why)
{
	if (quota < 0)
		return refuse(why, "a quota is not negative");
	return set_number(d, SQL_SET_QUOTA, address, quota, why);
}

static void
ignore_final(void *arg, const struct address *final)
{
	(void)arg;
	(void) final;
}

/* The target as the table has it: ours in lower case. */
static int
format_target(struct directory *d, const struct address *target, char *text,
    const char **why)
{
	enum lookup ours = directory_has_domain(d, target->domain);
	struct address plain = *target;
	struct directory_name name;

	if (ours == LOOKUP_ERROR)
		return refuse(why, directory_trouble);
	directory_lower(target, &name);
	memcpy(plain.domain, name.domain, sizeof(name.domain));
	if (ours == LOOKUP_YES)
		memcpy(plain.local, name.local, sizeof(name.local));
	address_format(&plain, text, ADDRESS_TEXT_MAX);
	return 0;
}

static int
add_alias(struct directory *d, const struct address *alias,
    const struct address *target, const char **why)
{
	struct directory_name name;
	char text[ADDRESS_TEXT_MAX];

	directory_lower(alias, &name);
	if (expect_our_domain(d, name.domain, why) == -1 ||
	    expect(directory_run(d, SQL_FIND_MAILBOX, name.local, name.domain,
		       NULL),
		LOOKUP_NO, why, "there is a mailbox of that name") == -1 ||
	    expect(directory_resolve(d, target, ignore_final, NULL), LOOKUP_YES,
		why, "nobody of ours has the target's name") == -1 ||
	    format_target(d, target, text, why) == -1)
		return -1;
	if (change(d,
		directory_statement(d, SQL_ADD_ALIAS, name.local, name.domain,
		    text),
		why, "the alias has that target already") == -1)
		return -1;
	/* With the new row in place the alias must still come to an end. */
	if (directory_resolve(d, alias, ignore_final, NULL) == LOOKUP_ERROR)
		return refuse(why,
		    "the alias would lead back to itself or be "
		    "more than 10 deep");
	return 0;
}

int
directory_add_alias(struct directory *d, const struct address *alias,
    const struct address *target, const char **why)
{
	if (begin(d, why) == -1)
		return -1;
	return finish(d, add_alias(d, alias, target, why), why);
}

int
directory_delete_alias(struct directory *d, const struct address *alias,
    const struct address *target, const char **why)
{
	struct directory_name name;
	char text[ADDRESS_TEXT_MAX] = "";
	int rc = 0;

	directory_lower(alias, &name);
	if (begin(d, why) == -1)
		return -1;
	if (target != NULL)
		rc = format_target(d, target, text, why);
	if (rc == 0)
		rc = change(d,
		    directory_statement(d, SQL_DELETE_ALIAS, name.local,
			name.domain, text),
		    why, "there is no such alias");
	return finish(d, rc, why);
}
