/*
 * fetch_plan.c - UIDL and LIST, read with distrust.
 *
 * A UID shall be one message's for ever (RFC 1939 7).  Where a server gives one
 * to several, they are told apart by their order, and none of them is removed
 * that was not fetched in this very session.
 */
#include "mua/fetch_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

enum { LINE_SIZE = 512, DAY_SECONDS = 24 * 3600, ROOM_MIN = 64 };

/* The number at the start of LINE, and what follows it. 0: none. */
static int
take_number(const char *line, const char **rest)
{
	char *end;
	long number;

	if (*line < '0' || *line > '9')
		return 0;
	number = strtol(line, &end, 10);
	if (*end != ' ' || number < 1 || number > INT32_MAX)
		return 0;
	*rest = end + strspn(end, " ");
	return (int)number;
}

/* unique-id = 1*70 of 0x21 to 0x7E (RFC 1939 7); we take longer ones. */
static size_t
uid_length(const char *text)
{
	size_t length = 0;

	while (text[length] >= 0x21 && text[length] <= 0x7e)
		length++;
	/* Blanks behind it are common and harmless. */
	if (text[length + strspn(text + length, " ")] != '\0' ||
	    length > POP3_UID_MAX)
		return 0;
	return length;
}

static struct plan_message *
append(struct plan *plan)
{
	size_t count = plan->count;

	/* Grown by doubling: when the count is a power of two. */
	if (count == 0 || (count >= ROOM_MIN && (count & (count - 1)) == 0))
		plan->items = xrealloc(plan->items,
		    (count == 0 ? ROOM_MIN : 2 * count) * sizeof(*plan->items));
	plan->items[count] = (struct plan_message){ 0 };
	plan->count++;
	return &plan->items[count];
}

/* One line of the list of messages; numbers must ascend. */
static bool
take_line(struct plan *plan, const char *line, bool has_uid)
{
	const char *rest = "";
	int number = take_number(line, &rest);
	size_t length = has_uid ? uid_length(rest) : 0;
	struct plan_message *message;

	if (number == 0 || (has_uid && length == 0) ||
	    plan->count == POP3_MESSAGES_MAX ||
	    (plan->count > 0 && plan->items[plan->count - 1].number >= number))
		return false;
	message = append(plan);
	message->number = number;
	if (has_uid) {
		message->uid = xasprintf("%.*s", (int)length, rest);
		return true;
	}
	message->size = strtoll(rest, NULL, 10);
	return true;
}

static int
wrong_line(struct pop3_session *session, const char *command, const char *line)
{
	return dial_fail(&session->dial, EX_PROTOCOL,
	    "%s answers %s with something that is no list: \"%.60s\"",
	    session->dial.host->host, command, line);
}

/* Fills PLAN from UIDL, or from LIST where there is none. */
static int
read_messages(struct plan *plan, struct pop3_session *session, bool has_uid)
{
	struct pop3_client *client = &session->client;
	const char *command = has_uid ? "UIDL" : "LIST";
	char line[LINE_SIZE];
	enum pop3_answer answer;

	if (pop3_session_check(session, pop3_command(client, "%s", command),
		"listing the messages") == -1)
		return -1;
	while ((answer = pop3_line(client, line, sizeof(line))) == POP3_YES)
		if (!take_line(plan, line, has_uid))
			return wrong_line(session, command, line);
	if (answer == POP3_BROKEN)
		return dial_explain(&session->dial, "listing the messages");
	return 0;
}

static int
compare_numbers(const void *key, const void *item)
{
	int number = *(const int *)key;
	int other = ((const struct plan_message *)item)->number;

	return (number > other) - (number < other);
}

/* The sizes, for the progress line; what is no size is not believed. */
static int
read_sizes(struct plan *plan, struct pop3_session *session)
{
	struct pop3_client *client = &session->client;
	char line[LINE_SIZE];
	enum pop3_answer answer = pop3_command(client, "LIST");
	size_t lines = 0;

	if (answer == POP3_NO)
		return 0;
	while (answer != POP3_BROKEN &&
	    (answer = pop3_line(client, line, sizeof(line))) == POP3_YES &&
	    lines++ < POP3_MESSAGES_MAX) {
		const char *rest = "";
		int number = take_number(line, &rest);
		struct plan_message *message = plan->count == 0
		    ? NULL
		    : bsearch(&number, plan->items, plan->count,
			  sizeof(*plan->items), compare_numbers);

		if (message != NULL)
			message->size = strtoll(rest, NULL, 10);
	}
	if (answer != POP3_NO)
		return dial_explain(&session->dial, "listing the sizes");
	return 0;
}

static int
compare_uids(const void *a, const void *b)
{
	const struct plan_message *first = *(struct plan_message *const *)a;
	const struct plan_message *second = *(struct plan_message *const *)b;
	int order = strcmp(first->uid, second->uid);

	if (order != 0)
		return order;
	return (first->number > second->number) -
	    (first->number < second->number);
}

/* The second and further messages of one UID get a key of their own. */
static void
separate_twins(struct plan *plan)
{
	struct plan_message **sorted =
	    xcalloc(plan->count + 1, sizeof(struct plan_message *));
	size_t first = 0;

	for (size_t i = 0; i < plan->count; i++)
		sorted[i] = &plan->items[i];
	qsort(sorted, plan->count, sizeof(struct plan_message *), compare_uids);
	for (size_t i = 1; i < plan->count; i++) {
		char *key;

		if (strcmp(sorted[first]->uid, sorted[i]->uid) != 0) {
			first = i;
			continue;
		}
		key = xasprintf("%s#%zu", sorted[first]->uid, i - first + 1);
		sorted[first]->again = true;
		sorted[i]->again = true;
		free(sorted[i]->uid);
		sorted[i]->uid = key;
	}
	free(sorted);
}

static void
decide(struct plan *plan, const struct account *account,
    struct plan_message *message, struct fetched_entry *entry)
{
	int64_t age = entry == NULL ? 0 : time(NULL) - entry->when;
	int days = account->leave_days;

	if (entry != NULL)
		entry->is_there = true;
	message->here = entry != NULL;
	message->remove = !account->leave_on_server ||
	    (entry != NULL && days > 0 && age >= (int64_t)days * DAY_SECONDS);
	if (message->remove && message->again)
		message->here = false; /* which of them was it? */
	message->fetch = !message->here;
	plan->to_fetch += message->fetch ? 1 : 0;
}

static int
no_uidl(struct pop3_session *session)
{
	return dial_fail(&session->dial, EX_PROTOCOL,
	    "%s has no UIDL, so it cannot be told what was fetched before: "
	    "set leave_on_server = no",
	    session->dial.host->host);
}

int
plan_make(struct plan *plan, struct pop3_session *session,
    struct fetched *fetched)
{
	const struct account *account = session->dial.account;
	bool has_uid = (session->client.can & POP3_CAN_UIDL) != 0;

	*plan = (struct plan){ 0 };
	if (!has_uid && account->leave_on_server)
		return no_uidl(session);
	if (read_messages(plan, session, has_uid) == -1)
		return -1;
	if (has_uid && plan->count > 0 && read_sizes(plan, session) == -1)
		return -1;
	if (has_uid)
		separate_twins(plan);
	for (size_t i = 0; i < plan->count; i++)
		decide(plan, account, &plan->items[i],
		    has_uid ? fetched_find(fetched, plan->items[i].uid) : NULL);
	return 0;
}

void
plan_clear(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		free(plan->items[i].uid);
	free(plan->items);
	*plan = (struct plan){ 0 };
}
