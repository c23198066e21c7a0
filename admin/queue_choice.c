/* queue_choice.c - finding the messages the operator means. */
#include "admin/queue_choice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/mem.h"

static bool
set_once(const char **place, const char *value)
{
	if (*place != NULL || value == NULL)
		return false;
	*place = value;
	return true;
}

/* The value of the option NAME goes here; NULL when there is no such one. */
static const char **
find_option(struct queue_choice *choice, const char *name)
{
	if (strcmp(name, "--sender") == 0)
		return &choice->sender;
	if (strcmp(name, "--recipient") == 0)
		return &choice->recipient;
	if (strcmp(name, "--domain") == 0)
		return &choice->domain;
	return NULL;
}

bool
queue_choice_read(int argc, char **argv, struct queue_choice *choice_out)
{
	struct queue_choice *c = choice_out;

	*c = (struct queue_choice){ .json = false };
	for (int i = 1; i < argc; i++) {
		const char **option = find_option(c, argv[i]);

		if (option != NULL) {
			/* argv[argc] is NULL. */
			if (!set_once(option, argv[++i]))
				return false;
		} else if (strcmp(argv[i], "--json") == 0) {
			c->json = true;
		} else if (strcmp(argv[i], "all") == 0) {
			c->all = true;
		} else if (argv[i][0] == '-' || !set_once(&c->id, argv[i])) {
			return false;
		}
	}
	return c->id == NULL ||
	    (!c->all && c->sender == NULL && c->recipient == NULL &&
		c->domain == NULL);
}

bool
queue_choice_is_made(const struct queue_choice *choice)
{
	return choice->all || choice->id != NULL || choice->sender != NULL ||
	    choice->recipient != NULL || choice->domain != NULL;
}

/* Both may stand in angle brackets. */
static bool
is_address(const char *address, const char *wanted)
{
	size_t length = strlen(wanted);

	if (length >= 2 && wanted[0] == '<' && wanted[length - 1] == '>') {
		wanted++;
		length -= 2;
	}
	return strlen(address) == length &&
	    strncasecmp(address, wanted, length) == 0;
}

static bool
is_in_domain(const char *address, const char *domain)
{
	const char *at = strrchr(address, '@');

	return at != NULL && strcasecmp(at + 1, domain) == 0;
}

static bool
fits_recipient(const struct queue_choice *choice,
    const struct queue_recipient *rcpt)
{
	if (choice->domain != NULL &&
	    !is_in_domain(rcpt->address, choice->domain))
		return false;
	return choice->recipient == NULL ||
	    is_address(rcpt->address, choice->recipient) ||
	    is_address(rcpt->original, choice->recipient);
}

bool
queue_choice_fits(const struct queue_choice *choice,
    const struct queue_entry *entry, bool readable)
{
	bool asks_recipient =
	    choice->recipient != NULL || choice->domain != NULL;

	if (choice->id != NULL)
		return strcmp(choice->id, entry->id) == 0;
	if (!readable)
		return choice->sender == NULL && !asks_recipient;
	if (choice->sender != NULL &&
	    !is_address(entry->sender, choice->sender))
		return false;
	for (size_t i = 0; asks_recipient && i < entry->recipient_count; i++)
		if (fits_recipient(choice, &entry->recipients[i]))
			return true;
	return !asks_recipient;
}

/* What is found on the way. */
struct found {
	char id[QUEUE_ID_SIZE];
	int64_t arrived;
};
struct search {
	const struct queue_choice *choice;
	int queue;
	struct found *found;
	size_t count;
};

static int
add_found(void *arg, const char *id)
{
	struct search *s = arg;
	struct queue_entry entry;
	bool readable = queue_read(s->queue, id, false, &entry) == 0;

	/* Gone since the folder was read: it is none any more. */
	if ((readable || errno != ENOENT) &&
	    queue_choice_fits(s->choice, &entry, readable)) {
		if ((s->count & (s->count - 1)) == 0)
			s->found = xrealloc(s->found,
			    (2 * s->count + 1) * sizeof(*s->found));
		s->found[s->count].arrived = entry.arrived;
		(void)copy_string(s->found[s->count++].id, QUEUE_ID_SIZE, id);
	}
	queue_entry_clear(&entry);
	return 0;
}

static int
compare_found(const void *left, const void *right)
{
	const struct found *a = left;
	const struct found *b = right;

	if (a->arrived != b->arrived)
		return a->arrived < b->arrived ? -1 : 1;
	return strcmp(a->id, b->id);
}

int
queue_choice_find(const struct queue_choice *choice, int queue,
    struct queue_ids *ids_out)
{
	struct search search = { .choice = choice, .queue = queue };
	int rc = 0;

	if (choice->id != NULL)
		(void)add_found(&search, choice->id);
	else
		rc = queue_scan(queue, add_found, &search);
	if (search.count > 0)
		qsort(search.found, search.count, sizeof(*search.found),
		    compare_found);
	ids_out->count = search.count;
	ids_out->ids = xcalloc(search.count + 1, sizeof(*ids_out->ids));
	for (size_t i = 0; i < search.count; i++)
		memcpy(ids_out->ids[i], search.found[i].id, QUEUE_ID_SIZE);
	free(search.found);
	return rc;
}
