/*
 * trace_collect.c - from ids to stories.
 *
 * The log is read twice.  First for the queue ids: smtpd and mda write them in
 * every line about a message.  Then for the names of the files that mda has
 * said, which is what pop3d knows a message by.
 */
#include "admin/trace_collect.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "admin/logfmt.h"
#include "admin/trace_kept.h"
#include "admin/trace_mailbox.h"
#include "common/mem.h"

/* Facts by the keys they have in the log. */
static const struct {
	const char *key;
	enum trace_fact fact;
	bool arrival_only; /* the key means something else in other lines */
} facts[] = {
	/* clang-format off */
	{ "msgid",      FACT_MESSAGE_ID, false },
	{ "from",       FACT_FROM,       false },
	{ "login",      FACT_LOGIN,      false },
	{ "uid",        FACT_UID,        false },
	{ "peer",       FACT_PEER,       false },
	{ "helo",       FACT_HELO,       false },
	{ "listener",   FACT_LISTENER,   true },
	{ "protocol",   FACT_PROTOCOL,   true },
	{ "tls",        FACT_TLS,        true },
	{ "size",       FACT_SIZE,       true },
	{ "long_lines", FACT_LONG_LINES, true },
	/* clang-format on */
};

static bool
is_event(const struct logfmt *fields, const char *program, const char *event)
{
	return strcmp(logfmt_get(fields, "prog"), program) == 0 &&
	    strcmp(logfmt_get(fields, "event"), event) == 0;
}

static void
learn_facts(struct trace_message *message, const struct logfmt *fields)
{
	bool arrival = is_event(fields, "smtpd", "message");

	for (size_t i = 0; i < COUNT(facts); i++)
		if (arrival || !facts[i].arrival_only)
			trace_learn(message, facts[i].fact,
			    logfmt_get(fields, facts[i].key));
	message->arrival_known = message->arrival_known || arrival;
}

static bool
has_recipient(const struct trace_message *message, const char *address)
{
	for (size_t i = 0; i < message->recipient_count; i++)
		if (strcasecmp(message->recipients[i].address, address) == 0)
			return true;
	return false;
}

/* smtpd's word about a recipient, or mda's where smtpd was not asked. */
static void
learn_outcome(struct trace_message *message, const struct logfmt *fields)
{
	static const char *const outcomes[] = { "delivered", "deferred",
		"undelivered", "not-delivered", "relayed", "bounced" };
	const char *event = logfmt_get(fields, "event");
	const char *code = logfmt_get(fields, "code");
	char *reply;

	if (strcmp(logfmt_get(fields, "prog"), "mda") == 0 &&
	    has_recipient(message, logfmt_get(fields, "to")))
		return;
	for (size_t i = 0; i < COUNT(outcomes); i++) {
		if (strcmp(event, outcomes[i]) != 0)
			continue;
		reply = xasprintf("%s%s%s", code, *code == '\0' ? "" : " ",
		    logfmt_get(fields, "reply"));
		trace_decide(message,
		    &(struct trace_news){
			.address = logfmt_get(fields, "to"),
			.typed = logfmt_get(fields, "orig"),
			.outcome = event,
			.reply = reply,
		    });
		free(reply);
	}
}

static void
take_event(struct trace *trace, struct trace_message *message,
    const struct logfmt *fields, const char *line)
{
	struct trace_event event = { .when = fields->when };

	event.line = xstrdup(line);
	if (is_event(fields, "mda", "delivered")) {
		(void)copy_string(event.file, sizeof(event.file),
		    logfmt_get(fields, "file"));
		if (event.file[0] != '\0')
			trace_add_copy(message, logfmt_get(fields, "mailbox"),
			    event.file);
	}
	if (fields->when < message->first)
		message->first = fields->when;
	learn_facts(message, fields);
	learn_outcome(message, fields);
	if (!trace_add_event(message, &event))
		trace->more = true;
	free(event.line);
}

/*
 * Whether an id of ours stands anywhere in the line: to take a line apart costs
 * ten times as much, and nearly all are about other messages.
 */
static bool
may_be_ours(const struct trace *trace, const char *line, const char *key)
{
	char id[QUEUE_ID_SIZE];

	while ((line = strstr(line, key)) != NULL) {
		line += strlen(key);
		memcpy(id, line, strnlen(line, QUEUE_ID_LENGTH));
		id[strnlen(line, QUEUE_ID_LENGTH)] = '\0';
		if (trace_get(trace, id) != NULL)
			return true;
	}
	return false;
}

/* The line about a message tells where the report about it comes from. */
static void
take_report(struct trace *trace, const struct logfmt *fields, const char *line)
{
	struct trace_message *report =
	    trace_get(trace, logfmt_get(fields, "report"));
	struct trace_event event = { .when = fields->when };

	if (report == NULL || !is_event(fields, "smtpd", "report"))
		return;
	trace_learn(report, FACT_ABOUT, logfmt_get(fields, "id"));
	trace_learn(report, FACT_FROM, "<>");
	report->arrival_known = true;
	if (fields->when < report->first)
		report->first = fields->when;
	event.line = xstrdup(line);
	if (!trace_add_event(report, &event))
		trace->more = true;
	free(event.line);
}

static void
take_line(void *arg, const char *line, size_t size)
{
	struct trace *trace = arg;
	struct trace_message *message;
	struct logfmt fields;

	if ((!may_be_ours(trace, line, " id=") &&
		!may_be_ours(trace, line, " report=")) ||
	    !logfmt_parse(line, size, &fields))
		return;
	message = trace_get(trace, logfmt_get(&fields, "id"));
	if (message != NULL && message->id[0] != '\0')
		take_event(trace, message, &fields, line);
	if (*logfmt_get(&fields, "report") != '\0')
		take_report(trace, &fields, line);
}

static void
search_ids(struct trace *trace)
{
	const struct log_search search = {
		.needle = trace->count == 1 && trace->messages[0].id[0] != '\0'
		    ? trace->messages[0].id
		    : " id=",
		.each = take_line,
		.arg = trace,
	};

	if (trace->count > 0)
		log_files_search(&trace->log, &search);
}

/* A file, and whose it is. */
struct named_file {
	const char *file;
	struct trace_message *message;
};

struct file_search {
	struct trace *trace;
	struct named_file *files; /* sorted */
	size_t count;
};

static int
by_file(const void *a, const void *b)
{
	const struct named_file *first = a;
	const struct named_file *second = b;

	return strcmp(first->file, second->file);
}

static void
list_files(struct file_search *search)
{
	const struct trace *trace = search->trace;
	size_t room = 0;

	for (size_t i = 0; i < trace->count; i++)
		room += trace->messages[i].copy_count;
	search->files = xcalloc(room + 1, sizeof(search->files[0]));
	for (size_t i = 0; i < trace->count; i++)
		for (size_t j = 0; j < trace->messages[i].copy_count; j++)
			search->files[search->count++] = (struct named_file){
				.file = trace->messages[i].copies[j].file,
				.message = &trace->messages[i],
			};
	if (search->count > 1)
		qsort(search->files, search->count, sizeof(search->files[0]),
		    by_file);
}

/* As it is written there: a look at the line before it is taken apart. */
static bool
may_be_news(const char *line)
{
	return strstr(line, " prog=pop3d ") != NULL ||
	    strstr(line, " id=\"\" ") != NULL;
}

/* Whether the line was not found by its id already. */
static bool
is_news(const struct logfmt *fields)
{
	return strcmp(logfmt_get(fields, "prog"), "pop3d") == 0 ||
	    (is_event(fields, "mda", "delivered") &&
		*logfmt_get(fields, "id") == '\0');
}

static void
take_file_line(void *arg, const char *line, size_t size)
{
	const struct file_search *search = arg;
	struct trace_event event;
	struct logfmt fields;

	if (!may_be_news(line) || !logfmt_parse(line, size, &fields) ||
	    !is_news(&fields))
		return;
	for (size_t i = 0; i < fields.count; i++) {
		const struct named_file key = { .file = fields.pairs[i].value };
		struct named_file *found;

		if (strcmp(fields.pairs[i].key, "file") != 0)
			continue;
		found = bsearch(&key, search->files, search->count,
		    sizeof(search->files[0]), by_file);
		if (found == NULL)
			continue;
		event = (struct trace_event){ .when = fields.when };
		event.line = xstrdup(line);
		(void)copy_string(event.file, sizeof(event.file), key.file);
		if (!trace_add_event(found->message, &event))
			search->trace->more = true;
		free(event.line);
	}
}

static void
search_files(struct trace *trace)
{
	struct file_search files = { .trace = trace };
	struct log_search search = {
		.needle = " file=",
		.each = take_file_line,
		.arg = &files,
	};

	list_files(&files);
	if (files.count == 1)
		search.needle = files.files[0].file;
	if (files.count > 0)
		log_files_search(&trace->log, &search);
	free(files.files);
}

static int
by_time(const void *a, const void *b)
{
	const struct trace_event *first = a;
	const struct trace_event *second = b;

	if (first->when != second->when)
		return first->when < second->when ? -1 : 1;
	return first->order < second->order ? -1 : 1;
}

static void
place_elsewhere(struct trace *trace)
{
	for (size_t i = 0; i < trace->count; i++)
		for (size_t j = 0; j < trace->messages[i].copy_count; j++)
			trace->messages[i].copies[j].place = PLACE_ELSEWHERE;
}

void
trace_collect(struct trace *trace)
{
	/* What found them may not have been the beginning. */
	for (size_t i = 0; i < trace->count; i++)
		if (trace->messages[i].id[0] != '\0')
			trace->messages[i].first = INT64_MAX;
	search_ids(trace);
	if (!trace->elsewhere) {
		trace_ask_indexes(trace);
		trace_ask_queue(trace);
		trace_locate(trace);
	} else {
		place_elsewhere(trace);
	}
	search_files(trace);
	for (size_t i = 0; i < trace->count; i++)
		if (trace->messages[i].event_count > 1)
			qsort(trace->messages[i].events,
			    trace->messages[i].event_count,
			    sizeof(trace->messages[i].events[0]), by_time);
	trace_sort(trace);
}
