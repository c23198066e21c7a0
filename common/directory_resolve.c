/*
 * directory_resolve.c - where mail for an address goes.
 *
 * Aliases are followed depth first.  Every address that was met is kept in one
 * list: an alias met again while it is still being expanded is a loop, one met
 * again later is skipped, so each is expanded once and delivered to once
 * however many roads lead to it.
 */
#include "common/directory.h"

#include <stdlib.h>
#include <string.h>

#include "common/directory_db.h"
#include "common/log.h"

enum { DEPTH_MAX = 10 };

struct visit {
	struct address address;
	bool open;  /* an alias being expanded right now */
	bool final; /* mail goes there */
};

struct expansion {
	struct directory *directory;
	struct visit *visits;
	size_t count;
	int depth;
	bool quiet;
	/* NULL, or told each step. */
	void (*told)(void *arg, const struct directory_step *step);
	void *arg;
};

/* What the tables say about one address of ours. */
struct entry {
	bool mailbox;
	bool foreign;            /* which stands for itself, as a mailbox */
	bool catch_all;          /* the targets are its */
	struct address *targets; /* else: of an alias */
	size_t count;
};

static size_t
add_visit(struct expansion *x, const struct address *address, bool final)
{
	x->visits = xrealloc(x->visits, (x->count + 1) * sizeof(x->visits[0]));
	x->visits[x->count] = (struct visit){ *address, !final, final };
	return x->count++;
}

static struct visit *
find_visit(const struct expansion *x, const struct address *address)
{
	for (size_t i = 0; i < x->count; i++) {
		if (address_equal(&x->visits[i].address, address))
			return &x->visits[i];
	}
	return NULL;
}

static enum lookup
find_alias(struct directory *d, const struct address *address,
    struct entry *entry)
{
	sqlite3_stmt *statement = directory_statement(d, SQL_FIND_TARGETS,
	    address->local, address->domain, NULL);
	enum lookup more;

	while ((more = directory_step(d, statement)) == LOOKUP_YES) {
		entry->targets = xrealloc(entry->targets,
		    (entry->count + 1) * sizeof(entry->targets[0]));
		if (address_parse(db_text(statement, 0),
			&entry->targets[entry->count]))
			entry->count++;
	}
	sqlite3_reset(statement);
	if (more == LOOKUP_ERROR)
		return LOOKUP_ERROR;
	return entry->count > 0 ? LOOKUP_YES : LOOKUP_NO;
}

static enum lookup
find_exactly(struct directory *d, const struct address *address,
    struct entry *entry)
{
	struct mailbox mailbox;
	enum lookup found = directory_mailbox(d, address, &mailbox);

	entry->mailbox = found == LOOKUP_YES;
	return found == LOOKUP_NO ? find_alias(d, address, entry) : found;
}

/*
 * The mailbox or alias; else that of the part before '+', to which *ADDRESS is
 * changed; else, for what was asked and not for an alias's target (it would
 * lead a catch-all back to itself), the domain's catch-all.
 */
static enum lookup
find_entry(struct directory *d, struct address *address, bool asked,
    struct entry *entry)
{
	struct address other = *address;
	size_t base = strcspn(address->local, "+");
	enum lookup found = find_exactly(d, address, entry);

	if (found == LOOKUP_NO && base > 0 && address->local[base] == '+') {
		other.local[base] = '\0';
		found = find_exactly(d, &other, entry);
		if (found == LOOKUP_YES)
			*address = other;
	}
	if (found == LOOKUP_NO && asked) {
		other.local[0] = '\0';
		found = find_alias(d, &other, entry);
		entry->catch_all = found == LOOKUP_YES;
	}
	return found;
}

static enum lookup
fail_loop(const struct expansion *x, const struct address *address)
{
	char text[ADDRESS_TEXT_MAX];

	if (x->quiet)
		return LOOKUP_ERROR;
	log_failure("the alias %s leads back to itself or is more than %d deep",
	    address_format(address, text, sizeof(text)), DEPTH_MAX);
	return LOOKUP_ERROR;
}

/*
 * What stands for *ADDRESS, which is brought into the tables' form.  An
 * address of a foreign domain stands for itself, as a mailbox does.
 */
static enum lookup
find_destination(struct directory *d, struct address *address, bool asked,
    struct entry *entry)
{
	enum lookup ours = directory_has_domain(d, address->domain);
	struct directory_name name;

	if (ours == LOOKUP_NO) {
		entry->mailbox = true;
		entry->foreign = true;
		return LOOKUP_YES;
	}
	if (ours == LOOKUP_ERROR)
		return LOOKUP_ERROR;
	directory_lower(address, &name);
	memcpy(address->local, name.local, sizeof(name.local));
	memcpy(address->domain, name.domain, sizeof(name.domain));
	return find_entry(d, address, asked, entry);
}

static void
warn_unknown(const struct address *alias, const struct address *target)
{
	char from[ADDRESS_TEXT_MAX];
	char to[ADDRESS_TEXT_MAX];

	log_event(LOG_WARN, "alias_target_unknown", "alias=%s target=%s",
	    log_safe(address_format(alias, from, sizeof(from))),
	    log_safe(address_format(target, to, sizeof(to))));
}

static enum directory_road
find_road(const struct expansion *x, const struct entry *entry,
    const struct visit *visit)
{
	if (visit != NULL)
		return visit->open ? ROAD_LOOP : ROAD_AGAIN;
	if (entry->foreign)
		return ROAD_FOREIGN;
	if (entry->mailbox)
		return ROAD_MAILBOX;
	if (entry->count == 0)
		return ROAD_NOBODY;
	if (x->depth == DEPTH_MAX)
		return ROAD_LOOP;
	return entry->catch_all ? ROAD_CATCH_ALL : ROAD_ALIAS;
}

static void
tell(const struct expansion *x, const struct address *asked,
    const struct address *found, enum directory_road road)
{
	if (x->told != NULL)
		x->told(x->arg,
		    &(struct directory_step){ x->depth, asked, found, road });
}

static enum lookup
expand(struct expansion *x, struct address address)
{
	struct entry entry = { 0 };
	const struct address asked = address;
	enum lookup found =
	    find_destination(x->directory, &address, x->depth == 0, &entry);
	const struct visit *visit = find_visit(x, &address);
	size_t at;

	if (found != LOOKUP_ERROR)
		tell(x, &asked, &address, find_road(x, &entry, visit));
	if (found != LOOKUP_YES)
		goto out;
	if (visit != NULL || entry.mailbox) {
		if (visit == NULL)
			add_visit(x, &address, true);
		else if (visit->open)
			found = fail_loop(x, &address);
		goto out;
	}
	if (x->depth == DEPTH_MAX) {
		found = fail_loop(x, &address);
		goto out;
	}
	at = add_visit(x, &address, false);
	found = LOOKUP_NO;
	x->depth++;
	for (size_t i = 0; i < entry.count && found != LOOKUP_ERROR; i++) {
		enum lookup one = expand(x, entry.targets[i]);

		if (one == LOOKUP_NO && !x->quiet)
			warn_unknown(&address, &entry.targets[i]);
		if (one != LOOKUP_NO)
			found = one;
	}
	x->depth--;
	x->visits[at].open = false;
out:
	free(entry.targets);
	return found;
}

/* One transaction: one view of the tables, and one lock, not many. */
static enum lookup
expand_at_once(struct expansion *x, const struct address *address)
{
	struct directory *d = x->directory;
	bool own = sqlite3_get_autocommit(d->db) != 0;
	enum lookup found = LOOKUP_ERROR;

	/* Inside an operator's change trouble is his answer, not an event. */
	x->quiet = x->quiet || !own;
	if (!own ||
	    directory_run(d, SQL_BEGIN_READ, NULL, NULL, NULL) == LOOKUP_NO)
		found = expand(x, *address);
	if (own && sqlite3_get_autocommit(d->db) == 0)
		directory_run(d, SQL_COMMIT, NULL, NULL, NULL);
	return found;
}

enum lookup
directory_trace(struct directory *d, const struct address *address,
    void (*each)(void *arg, const struct directory_step *step), void *arg)
{
	struct expansion x = {
		.directory = d,
		.quiet = true,
		.told = each,
		.arg = arg,
	};
	enum lookup found = expand_at_once(&x, address);

	free(x.visits);
	return found;
}

enum lookup
directory_resolve(struct directory *d, const struct address *address,
    void (*each)(void *arg, const struct address *final), void *arg)
{
	struct expansion x = { .directory = d };
	enum lookup found = expand_at_once(&x, address);

	for (size_t i = 0; i < x.count && found == LOOKUP_YES; i++) {
		if (x.visits[i].final)
			each(arg, &x.visits[i].address);
	}
	free(x.visits);
	return found;
}
