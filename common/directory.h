/*
 * directory.h - who has mail here: domains, mailboxes, aliases.  No secrets.
 *
 * directory.sqlite, journal_mode DELETE so that a worker which may only read
 * the file can use it.  Lookups see a change at once.  Limit: when a postlab
 * command is killed in the middle of a change, look-ups are LOOKUP_ERROR until
 * the next one (`postlab up` begins with one), which undoes the change.
 *
 * Mailbox and domain names are stored in lower case and compared so.
 *
 * A mailbox's folder is mail/DOMAIN/LOCAL; only names that make a safe path
 * (letters, digits, '.', '_', '-', '+', '=' , not beginning with a dot, and
 * UTF-8 letters in IDN domains not at all) can be added, so no path is ever
 * built from foreign bytes.
 */
#ifndef COMMON_DIRECTORY_H
#define COMMON_DIRECTORY_H

#include "common/address.h"

#include <stdbool.h>
#include <stdint.h>

struct directory;

enum lookup { LOOKUP_NO = 0, LOOKUP_YES = 1, LOOKUP_ERROR = -1 };

struct mailbox {
	char login[ADDRESS_TEXT_MAX]; /* alice@campus.example */
	char folder[2 * DOMAIN_MAX];  /* mail/campus.example/alice */
	int64_t quota;                /* octets, 0: none */
	bool disabled;                /* no login; mail is still accepted */
};

/* Opens directory.sqlite in the current folder.  NULL: logged. */
struct directory *directory_open(bool write);
void directory_close(struct directory *directory);

/* Makes a fresh directory.sqlite.  0 or -1. */
int directory_create(void);

enum lookup directory_has_domain(struct directory *d, const char *domain);

/* The mailbox of exactly this address. */
enum lookup directory_mailbox(struct directory *d,
    const struct address *address, struct mailbox *mailbox_out);

/*
 * The mailbox of a login: "user@domain", or "user" in DEFAULT_DOMAIN.
 */
enum lookup directory_login(struct directory *d, const char *login,
    const char *default_domain, struct mailbox *mailbox_out);

/*
 * Where mail for ADDRESS goes, in this order: the mailbox; an alias; the
 * mailbox or alias of the part before '+'; the domain's catch-all (alias @),
 * which serves ADDRESS itself only and no alias's target.
 * Calls EACH for every final address, each once, after expanding aliases of
 * aliases (at most 10 deep, a loop is an error that is logged).  An address in
 * a foreign domain is final.  LOOKUP_NO: nobody of that name.
 */
enum lookup directory_resolve(struct directory *d,
    const struct address *address,
    void (*each)(void *arg, const struct address *final), void *arg);

/* How directory_resolve() understood one address on its way. */
enum directory_road {
	ROAD_MAILBOX,
	ROAD_ALIAS,
	ROAD_CATCH_ALL,
	ROAD_FOREIGN, /* not in a domain of ours */
	ROAD_NOBODY,
	ROAD_AGAIN, /* it was met before */
	ROAD_LOOP,  /* it leads back to itself, or is too deep */
};
struct directory_step {
	int depth;                   /* 0: what was asked */
	const struct address *asked; /* as typed, or as the alias has it */
	const struct address *found; /* without what a plus added */
	enum directory_road road;
};

/*
 * directory_resolve() that tells EACH step, before those it leads to; nothing
 * is logged.
 */
enum lookup directory_trace(struct directory *d, const struct address *address,
    void (*each)(void *arg, const struct directory_step *step), void *arg);

/*
 * For the operator.  Each: 0; -1 with a sentence in *WHY (static storage),
 * which is directory_trouble when it is not the request that is wrong. What is
 * changed is durable and seen by everybody when they return.
 *
 * A domain with mailboxes cannot be deleted; its aliases go with it.  With a
 * mailbox go the aliases that lead to it.  The alias of an empty local part is
 * its domain's catch-all; TARGET NULL deletes all targets of an alias.
 */
extern const char directory_trouble[];
int directory_add_domain(struct directory *d, const char *domain,
    const char **why);
int directory_delete_domain(struct directory *d, const char *domain,
    const char **why);
int directory_add_mailbox(struct directory *d, const struct address *address,
    const char **why);
int directory_delete_mailbox(struct directory *d, const struct address *address,
    const char **why);
int directory_set_disabled(struct directory *d, const struct address *address,
    bool disabled, const char **why);
int directory_set_quota(struct directory *d, const struct address *address,
    int64_t quota, const char **why);
int directory_add_alias(struct directory *d, const struct address *alias,
    const struct address *target, const char **why);
int directory_delete_alias(struct directory *d, const struct address *alias,
    const struct address *target, const char **why);
int directory_list_domains(struct directory *d,
    void (*each)(void *arg, const char *domain), void *arg);
int directory_list_mailboxes(struct directory *d,
    void (*each)(void *arg, const struct mailbox *mailbox), void *arg);
int directory_list_aliases(struct directory *d,
    void (*each)(void *arg, const char *alias, const char *target), void *arg);

#endif
