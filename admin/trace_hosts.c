/*
 * trace_hosts.c - from id to id, until there is no new one.
 *
 * Every id is looked for in every log once: a line that has it as its own is
 * about the message there; one that has it in the reply to a message that was
 * handed on is the hop before.  What a host replies is its own: an id in it
 * that is another message's, by its Message-Id, is not followed.
 */
#include "admin/trace_hosts.h"

#include <stdlib.h>
#include <string.h>

#include "admin/logfmt.h"
#include "admin/trace_collect.h"
#include "admin/trace_find.h"
#include "common/mem.h"
#include "common/message_id.h"

enum { IDS_MAX = 500 };

struct chase {
	struct trace_hosts *hosts;
	struct trace_host *at; /* whose log is read */
	char (*ids)[QUEUE_ID_SIZE];
	size_t count;
	size_t next; /* the first that was not looked for */
	char message_id[MESSAGE_ID_SIZE];
};

int
trace_hosts_open(char *const *paths, size_t count,
    struct trace_hosts *hosts_out)
{
	*hosts_out = (struct trace_hosts){
		.hosts = xcalloc(count + 1, sizeof(*hosts_out->hosts)),
		.count = count + 1,
	};
	for (size_t i = 0; i < count; i++) {
		struct trace_host *host = &hosts_out->hosts[i + 1];

		host->name = paths[i];
		if (log_files_open_other(paths[i], &host->log) == -1)
			return -1;
	}
	return 0;
}

static void
know(struct chase *chase, const char *id)
{
	for (size_t i = 0; i < chase->count; i++)
		if (strcmp(chase->ids[i], id) == 0)
			return;
	if (chase->count < IDS_MAX)
		(void)copy_string(chase->ids[chase->count++], QUEUE_ID_SIZE,
		    id);
}

/* The ids in what the next host has said: "250 2.0.0 Ok: queued as ID". */
static void
know_words(struct chase *chase, const char *reply)
{
	static const char between[] = " ,;:.=()<>[]\"";
	char word[QUEUE_ID_SIZE];

	while (*(reply += strspn(reply, between)) != '\0') {
		size_t length = strcspn(reply, between);

		if (length == QUEUE_ID_LENGTH) {
			memcpy(word, reply, length);
			word[length] = '\0';
			if (queue_is_id(word))
				know(chase, word);
		}
		reply += length;
	}
}

/*
 * Whether a line about the wanted id is about the message, too.  Lines without
 * a Message-Id come behind one with it, if there is any.
 */
static bool
is_about_it(struct chase *chase, const struct logfmt *fields, const char *id)
{
	const char *message_id = logfmt_get(fields, "msgid");

	if (chase->message_id[0] == '\0')
		(void)copy_string(chase->message_id, sizeof(chase->message_id),
		    message_id);
	if (*message_id == '\0')
		return chase->message_id[0] == '\0' ||
		    trace_get(&chase->at->trace, id) != NULL;
	return strcmp(message_id, chase->message_id) == 0;
}

static void
take_line(void *arg, const char *line, size_t size)
{
	struct chase *chase = arg;
	const char *wanted = chase->ids[chase->next];
	struct logfmt fields;
	const char *id, *reply;
	bool relayed;

	if (!logfmt_parse(line, size, &fields))
		return;
	id = logfmt_get(&fields, "id");
	reply = logfmt_get(&fields, "reply");
	relayed = strcmp(logfmt_get(&fields, "event"), "relayed") == 0;
	if (strcmp(id, wanted) == 0 && is_about_it(chase, &fields, id)) {
		chase->at->found = true;
		trace_note(&chase->at->trace, id, fields.when);
		if (relayed)
			know_words(chase, reply);
	} else if (relayed && queue_is_id(id) &&
	    strstr(reply, wanted) != NULL) {
		know(chase, id);
	}
}

static void
follow(struct chase *chase)
{
	for (; chase->next < chase->count; chase->next++) {
		const struct log_search search = {
			.needle = chase->ids[chase->next],
			.each = take_line,
			.arg = chase,
		};

		for (size_t i = 0; i < chase->hosts->count; i++) {
			chase->at = &chase->hosts->hosts[i];
			log_files_search(&chase->at->trace.log, &search);
		}
	}
}

static void
know_found(struct chase *chase, const struct trace *trace)
{
	for (size_t i = 0; i < trace->count; i++)
		if (trace->messages[i].id[0] != '\0')
			know(chase, trace->messages[i].id);
}

/* Looks on HOST for QUERY anew, in the log it has open. */
static bool
find_there(struct trace_host *host, const char *query, size_t limit)
{
	return trace_find_elsewhere(query, limit, &host->log, &host->trace);
}

/* Who was not reached by ids is asked for the Message-Id. */
static void
ask_for_message_id(struct chase *chase)
{
	for (size_t i = 1; i < chase->hosts->count; i++) {
		struct trace_host *host = &chase->hosts->hosts[i];

		if (host->found || chase->message_id[0] == '\0')
			continue;
		host->log = host->trace.log;
		host->trace.log = (struct log_files){ 0 };
		trace_clear(&host->trace);
		if (find_there(host, chase->message_id, IDS_MAX) &&
		    host->trace.wanted == WANTED_MESSAGE_ID)
			know_found(chase, &host->trace);
		else
			trace_forget(&host->trace);
	}
}

static void
chase_all(struct trace_hosts *hosts)
{
	struct chase chase = { .hosts = hosts };

	chase.ids = xcalloc(IDS_MAX, sizeof(chase.ids[0]));
	for (size_t i = 0; i < hosts->count; i++)
		know_found(&chase, &hosts->hosts[i].trace);
	follow(&chase);
	ask_for_message_id(&chase);
	follow(&chase);
	free(chase.ids);
}

/*
 * What has an @ is a Message-Id where any host knows it as one; who does not
 * has looked for an address.
 */
static bool
is_list(struct trace_hosts *hosts)
{
	bool list = hosts->hosts[0].trace.wanted == WANTED_ADDRESS;

	for (size_t i = 0; i < hosts->count; i++)
		list =
		    list && hosts->hosts[i].trace.wanted != WANTED_MESSAGE_ID;
	for (size_t i = 0; i < hosts->count && !list; i++)
		if (hosts->hosts[i].trace.wanted == WANTED_ADDRESS)
			trace_forget(&hosts->hosts[i].trace);
	return list;
}

bool
trace_hosts_find(struct trace_hosts *hosts, const char *name, const char *query,
    size_t limit)
{
	hosts->hosts[0].name = name;
	if (!trace_find(query, limit, &hosts->hosts[0].trace))
		return false;
	for (size_t i = 1; i < hosts->count; i++)
		(void)find_there(&hosts->hosts[i], query, limit);
	if (hosts->count > 1 && !is_list(hosts))
		chase_all(hosts);
	return true;
}

void
trace_hosts_collect(struct trace_hosts *hosts)
{
	for (size_t i = 0; i < hosts->count; i++)
		trace_collect(&hosts->hosts[i].trace);
}

void
trace_hosts_clear(struct trace_hosts *hosts)
{
	for (size_t i = 0; i < hosts->count; i++) {
		log_files_close(&hosts->hosts[i].log);
		trace_clear(&hosts->hosts[i].trace);
	}
	free(hosts->hosts);
	*hosts = (struct trace_hosts){ 0 };
}
