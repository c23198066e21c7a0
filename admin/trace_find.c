/*
 * trace_find.c - asks the log, the indexes and the queue for names.
 *
 * Whether "x@y" is a Message-Id or an address only shows when one is there, so
 * both are looked for at once, and each has its own list.
 */
#include "admin/trace_find.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/logfmt.h"
#include "admin/trace_kept.h"
#include "admin/trace_mailbox.h"
#include "common/address.h"
#include "common/log.h"
#include "common/message_id.h"

enum { SAME_ID_MAX = 100 /* messages with one Message-Id */ };

struct finder {
	char message_id[MESSAGE_ID_SIZE]; /* "": it is none */
	char address[ADDRESS_TEXT_MAX];   /* likewise */
	struct trace named;               /* with that Message-Id */
	struct trace *addressed;          /* from or to that address */
};

/* Whether VALUE, which the log may have cut, is TEXT but for case. */
static bool
is_logged(const char *value, const char *text)
{
	size_t size = strlen(text);

	if (*text == '\0' || size <= LOGFMT_VALUE_MAX)
		return *text != '\0' && strcasecmp(value, text) == 0;
	return strncasecmp(value, text, LOGFMT_VALUE_MAX) == 0 &&
	    strcmp(value + LOGFMT_VALUE_MAX, "...") == 0;
}

static bool
speaks_of(const struct logfmt *fields, const char *address)
{
	static const char *const keys[] = { "from", "to", "orig", "login" };

	for (size_t i = 0; i < COUNT(keys); i++)
		if (is_logged(logfmt_get(fields, keys[i]), address))
			return true;
	return false;
}

static void
find_in_line(void *arg, const char *line, size_t size)
{
	struct finder *finder = arg;
	struct logfmt fields;
	const char *id;

	if (!logfmt_parse(line, size, &fields))
		return;
	id = logfmt_get(&fields, "id");
	if (!queue_is_id(id))
		return;
	if (*finder->message_id != '\0' &&
	    strcmp(logfmt_get(&fields, "msgid"), finder->message_id) == 0)
		trace_note(&finder->named, id, fields.when);
	if (speaks_of(&fields, finder->address))
		trace_note(finder->addressed, id, fields.when);
}

/* TEXT as it stands in a line of the log, without quotes around it. */
static char *
make_needle(const char *text)
{
	size_t size = strnlen(text, LOGFMT_VALUE_MAX);
	char *needle = xstrdup(log_safe_bytes(text, size));
	size_t n = strlen(needle);

	if (needle[0] == '"') {
		memmove(needle, needle + 1, n - 2);
		needle[n - 2] = '\0';
	}
	return needle;
}

static void
find_in_log(struct finder *finder)
{
	char *id = make_needle(finder->message_id);
	char *address = make_needle(finder->address);
	struct log_search search = {
		.any_case = true,
		.each = find_in_line,
		.arg = finder,
	};

	search.needle = address;
	if (*address != '\0')
		log_files_search(&finder->addressed->log, &search);
	search.needle = id;
	search.any_case = false;
	/* One search finds both where they are the same. */
	if (*id != '\0' && strcasecmp(id, address) != 0)
		log_files_search(&finder->addressed->log, &search);
	free(id);
	free(address);
}

static void
find_in_row(void *arg, const struct trace_row *row)
{
	struct finder *finder = arg;
	const struct index_entry *entry = row->entry;
	const struct delivery *delivery = &entry->delivery;
	const char *texts[] = { row->login, delivery->sender,
		delivery->recipient, delivery->login };
	int64_t when = entry->received * 1000;
	bool has_id = queue_is_id(delivery->queue_id);
	char id[MESSAGE_ID_SIZE];

	message_id_read(entry->message_id, strlen(entry->message_id), id);
	if (*id != '\0' && strcmp(id, finder->message_id) == 0) {
		if (has_id)
			trace_note(&finder->named, delivery->queue_id, when);
		else if (finder->named.count < SAME_ID_MAX)
			trace_learn_row(trace_add_nameless(&finder->named,
					    when),
			    row);
	}
	for (size_t i = 0; has_id && i < COUNT(texts); i++)
		if (*finder->address != '\0' &&
		    strcasecmp(texts[i], finder->address) == 0)
			trace_note(finder->addressed, delivery->queue_id, when);
}

static bool
is_addressed(const struct queue_entry *entry, const char *address)
{
	if (strcasecmp(entry->sender, address) == 0 ||
	    strcasecmp(entry->login, address) == 0)
		return true;
	for (size_t i = 0; i < entry->recipient_count; i++)
		if (strcasecmp(entry->recipients[i].address, address) == 0 ||
		    strcasecmp(entry->recipients[i].original, address) == 0)
			return true;
	return false;
}

struct queue_look {
	struct finder *finder;
	int queue;
};

static int
find_in_entry(void *arg, const char *id)
{
	const struct queue_look *look = arg;
	struct finder *finder = look->finder;
	struct queue_entry entry = { .id = "" };

	if (queue_read(look->queue, id, false, &entry) == 0) {
		if (*finder->message_id != '\0' &&
		    strcmp(entry.message_id, finder->message_id) == 0)
			trace_note(&finder->named, id, entry.arrived * 1000);
		if (*finder->address != '\0' &&
		    is_addressed(&entry, finder->address))
			trace_note(finder->addressed, id, entry.arrived * 1000);
	}
	queue_entry_clear(&entry);
	return 0;
}

static void
find_in_queue(struct finder *finder)
{
	struct queue_look look = {
		.finder = finder,
		.queue = open("queue", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	};

	if (look.queue == -1)
		return;
	(void)queue_scan(look.queue, find_in_entry, &look);
	close(look.queue);
}

/* Whether it is a queue id, which goes to ID; small letters are taken. */
static bool
read_queue_id(const char *query, char id[QUEUE_ID_SIZE])
{
	if (!copy_string(id, QUEUE_ID_SIZE, query))
		return false;
	for (char *c = id; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	return queue_is_id(id);
}

/* What QUERY may be other than a queue id.  False: nothing. */
static bool
read_query(const char *query, struct finder *finder)
{
	struct address address;

	if (strchr(query, '<') == NULL && admin_parse_address(query, &address))
		address_format(&address, finder->address,
		    sizeof(finder->address));
	/* A name alone is a person, if it can be one. */
	if (strchr(query, '@') != NULL || *finder->address == '\0')
		message_id_read(query, strlen(query), finder->message_id);
	return *finder->message_id != '\0' || *finder->address != '\0';
}

/* Of the two lists the one that was meant stays. */
static void
choose(struct finder *finder, struct trace *trace)
{
	struct trace *named = &finder->named;

	if (named->count > 0 || *finder->address == '\0') {
		named->log = trace->log;
		named->query = trace->query;
		trace->log = (struct log_files){ 0 };
		trace_clear(trace);
		*trace = *named;
		trace->wanted = WANTED_MESSAGE_ID;
	} else {
		trace->wanted = WANTED_ADDRESS;
	}
	trace_sort(trace);
}

static void
find_all(struct finder *finder, struct trace *trace)
{
	find_in_log(finder);
	if (!trace->elsewhere) {
		trace_mailboxes(find_in_row, finder);
		find_in_queue(finder);
	}
	choose(finder, trace);
}

bool
trace_find(const char *query, size_t limit, struct trace *trace_out)
{
	struct finder finder = {
		.named = { .limit = SAME_ID_MAX },
		.addressed = trace_out,
	};
	char id[QUEUE_ID_SIZE];

	*trace_out = (struct trace){ .query = query, .limit = limit };
	if (read_queue_id(query, id)) {
		log_files_open(&trace_out->log);
		trace_out->wanted = WANTED_ID;
		trace_note(trace_out, id, INT64_MAX);
		return true;
	}
	if (!read_query(query, &finder))
		return false;
	log_files_open(&trace_out->log);
	find_all(&finder, trace_out);
	return true;
}

bool
trace_find_elsewhere(const char *query, size_t limit, struct log_files *log,
    struct trace *trace_out)
{
	struct finder finder = {
		.named = { .limit = SAME_ID_MAX, .elsewhere = true },
		.addressed = trace_out,
	};
	char id[QUEUE_ID_SIZE];

	*trace_out = (struct trace){
		.query = query,
		.limit = limit,
		.log = *log,
		.elsewhere = true,
	};
	*log = (struct log_files){ 0 };
	if (read_queue_id(query, id)) {
		trace_out->wanted = WANTED_ID;
		return true;
	}
	if (!read_query(query, &finder))
		return false;
	find_all(&finder, trace_out);
	return true;
}
