/*
 * trace_json.c - the same that people see, with UTC and the log's own keys.
 *
 *   { "query", "log": { "begin", "files": [], "unread": [] },
 *     "hosts": [ { "host", "log" } ], "more",
 *     "messages": [ { "host", "id", facts, "first", "arrival_known",
 *         "recipients": [ { "address", "typed", "outcome", "reply" } ],
 *         "events": [ { "time", "prog", "event", ... } ],
 *         "copies": [ { "folder", "file", "place", "name" } ],
 *         "queue": null or { "attempts", "next", "held", "waiting" } } ] }
 */
#include "admin/trace_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "admin/json.h"
#include "admin/logfmt.h"
#include "common/mem.h"

static const char *const fact_names[FACT_COUNT] = {
	[FACT_MESSAGE_ID] = "message_id",
	[FACT_FROM] = "from",
	[FACT_LOGIN] = "login",
	[FACT_UID] = "uid",
	[FACT_PEER] = "peer",
	[FACT_HELO] = "helo",
	[FACT_LISTENER] = "listener",
	[FACT_PROTOCOL] = "protocol",
	[FACT_TLS] = "tls",
	[FACT_SIZE] = "size",
	[FACT_LONG_LINES] = "long_lines",
	[FACT_ABOUT] = "about",
};

/* "KEY": "2026-11-22T02:13:17.123Z", or null for what is not known. */
static void
add_time(struct buf *to, const char *key, int64_t when)
{
	time_t seconds = (time_t)(when / 1000);
	char text[32];
	char *full;
	struct tm tm;

	if (when == INT64_MAX || when < 0) {
		json_member(to, key, "");
		return;
	}
	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	full = xasprintf("%s.%03dZ", text, (int)(when % 1000));
	json_member(to, key, full);
	free(full);
}

/* ", " before all but the first of a list. */
static void
separate(struct buf *to, size_t i)
{
	if (i > 0)
		buf_addstr(to, ",");
	buf_addstr(to, "\n      ");
}

static void
add_recipients(struct buf *to, const struct trace_message *message)
{
	buf_addstr(to, "\"recipients\": [");
	for (size_t i = 0; i < message->recipient_count; i++) {
		const struct trace_recipient *rcpt = &message->recipients[i];

		separate(to, i);
		buf_addstr(to, "{");
		json_member(to, "address", rcpt->address);
		buf_addstr(to, ", ");
		json_member(to, "typed", rcpt->typed);
		buf_addstr(to, ", ");
		json_member(to, "outcome", rcpt->outcome);
		buf_addstr(to, ", ");
		json_member(to, "reply", rcpt->reply);
		buf_addstr(to, "}");
	}
	buf_addstr(to, "]");
}

/* One event speaks of one copy, though its line may name more. */
static void
add_event(struct buf *to, const struct trace_event *event)
{
	struct logfmt fields;

	(void)logfmt_parse(event->line, strlen(event->line), &fields);
	buf_addstr(to, "{");
	for (size_t i = 0; i < fields.count; i++) {
		const char *key = fields.pairs[i].key;

		if (strcmp(key, "file") == 0)
			continue;
		if (i > 0)
			buf_addstr(to, ", ");
		json_member(to, key, fields.pairs[i].value);
	}
	if (event->file[0] != '\0') {
		buf_addstr(to, ", ");
		json_member(to, "file", event->file);
	}
	buf_addstr(to, "}");
}

static void
add_events(struct buf *to, const struct trace_message *message)
{
	buf_addstr(to, "\"events\": [");
	for (size_t i = 0; i < message->event_count; i++) {
		separate(to, i);
		add_event(to, &message->events[i]);
	}
	buf_addstr(to, "]");
}

static void
add_copies(struct buf *to, const struct trace_message *message)
{
	static const char *const places[] = {
		[PLACE_UNKNOWN] = "",
		[PLACE_NEW] = "new",
		[PLACE_CUR] = "cur",
		[PLACE_GONE] = "gone",
		[PLACE_ELSEWHERE] = "",
	};

	buf_addstr(to, "\"copies\": [");
	for (size_t i = 0; i < message->copy_count; i++) {
		const struct trace_copy *copy = &message->copies[i];

		separate(to, i);
		buf_addstr(to, "{");
		json_member(to, "folder", copy->folder);
		buf_addstr(to, ", ");
		json_member(to, "file", copy->file);
		buf_addstr(to, ", ");
		json_member(to, "place", places[copy->place]);
		buf_addstr(to, ", ");
		json_member(to, "name", copy->name);
		buf_addstr(to, "}");
	}
	buf_addstr(to, "]");
}

static void
add_queue(struct buf *to, const struct trace_message *message)
{
	const struct queue_entry *entry = &message->entry;

	if (!message->queued) {
		buf_addstr(to, "\"queue\": null");
		return;
	}
	buf_printf(to, "\"queue\": {\"attempts\": %d, ", entry->attempts);
	add_time(to, "next", entry->attempts > 0 ? entry->next * 1000 : -1);
	buf_printf(to, ", \"held\": %s, \"waiting\": %zu}",
	    entry->held ? "true" : "false", queue_count(entry, RCPT_PENDING));
}

static void
add_message(struct buf *to, const char *host,
    const struct trace_message *message)
{
	buf_addstr(to, "{");
	json_member(to, "host", host);
	buf_addstr(to, ", ");
	json_member(to, "id", message->id);
	for (size_t i = 0; i < FACT_COUNT; i++) {
		buf_addstr(to, ",\n    ");
		json_member(to, fact_names[i], message->facts[i]);
	}
	buf_addstr(to, ",\n    ");
	add_time(to, "first", message->first);
	buf_printf(to, ",\n    \"arrival_known\": %s,\n    ",
	    message->arrival_known ? "true" : "false");
	add_recipients(to, message);
	buf_addstr(to, ",\n    ");
	add_events(to, message);
	buf_addstr(to, ",\n    ");
	add_copies(to, message);
	buf_addstr(to, ",\n    ");
	add_queue(to, message);
	buf_addstr(to, "}");
}

static void
add_log(struct buf *to, const struct log_files *log)
{
	buf_addstr(to, "\"log\": {");
	add_time(to, "begin", log->count == 0 ? -1 : log->files[0].begin);
	buf_addstr(to, ", \"files\": [");
	for (size_t i = 0; i < log->count; i++) {
		buf_addstr(to, i == 0 ? "" : ", ");
		json_string(to, log->files[i].name);
	}
	buf_addstr(to, "], \"unread\": [");
	for (size_t i = 0; i < log->unread_count; i++) {
		buf_addstr(to, i == 0 ? "" : ", ");
		json_string(to, log->unread[i]);
	}
	buf_addstr(to, "]}");
}

/* Of other hosts: "hosts": [ { "host", "log" } ]. */
static void
add_hosts(struct buf *to, const struct trace_hosts *hosts)
{
	buf_addstr(to, "\"hosts\": [");
	for (size_t i = 1; i < hosts->count; i++) {
		separate(to, i - 1);
		buf_addstr(to, "{");
		json_member(to, "host", hosts->hosts[i].name);
		buf_addstr(to, ", ");
		add_log(to, &hosts->hosts[i].trace.log);
		buf_addstr(to, "}");
	}
	buf_addstr(to, "]");
}

static void
add_messages(struct buf *to, const struct trace_host *host, bool *first)
{
	for (size_t i = 0; i < host->trace.count; i++) {
		buf_addstr(to, *first ? "\n   " : ",\n   ");
		add_message(to, host->name, &host->trace.messages[i]);
		*first = false;
	}
}

void
trace_print_json(const struct trace_hosts *hosts)
{
	const struct trace *own = &hosts->hosts[0].trace;
	struct buf text = BUF_INIT;
	bool first = true;
	bool more = false;

	for (size_t i = 0; i < hosts->count; i++)
		more = more || hosts->hosts[i].trace.more;
	buf_addstr(&text, "{");
	json_member(&text, "query", own->query);
	buf_addstr(&text, ",\n  ");
	add_log(&text, &own->log);
	buf_addstr(&text, ",\n  ");
	add_hosts(&text, hosts);
	buf_printf(&text, ",\n  \"more\": %s,\n  \"messages\": [",
	    more ? "true" : "false");
	for (size_t i = 0; i < hosts->count; i++)
		add_messages(&text, &hosts->hosts[i], &first);
	buf_addstr(&text, "]}\n");
	fputs(text.data, stdout);
	buf_clear(&text);
}
