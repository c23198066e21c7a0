/* trace_message.c - lists that grow, and what is in them. */
#include "admin/trace_message.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/mem.h"

enum {
	SPARE = 64,         /* messages past the limit, before any leave */
	EVENTS_MAX = 20000, /* of one message */
};

/* LIST of COUNT elements with room for one more. */
static void *
grow(void *list, size_t count, size_t size)
{
	/* Doubles at each power of two. */
	if ((count & (count - 1)) != 0)
		return list;
	return xrealloc(list, (count == 0 ? 1 : 2 * count) * size);
}

static void
clear_message(struct trace_message *message)
{
	for (size_t i = 0; i < FACT_COUNT; i++)
		free(message->facts[i]);
	for (size_t i = 0; i < message->event_count; i++)
		free(message->events[i].line);
	for (size_t i = 0; i < message->copy_count; i++) {
		free(message->copies[i].folder);
		free(message->copies[i].name);
	}
	for (size_t i = 0; i < message->recipient_count; i++) {
		free(message->recipients[i].address);
		free(message->recipients[i].typed);
		free(message->recipients[i].outcome);
		free(message->recipients[i].reply);
	}
	free(message->events);
	free(message->copies);
	free(message->recipients);
	if (message->queued)
		queue_entry_clear(&message->entry);
}

void
trace_forget(struct trace *trace)
{
	for (size_t i = 0; i < trace->count; i++)
		clear_message(&trace->messages[i]);
	free(trace->messages);
	trace->messages = NULL;
	trace->count = 0;
	trace->more = false;
}

void
trace_clear(struct trace *trace)
{
	trace_forget(trace);
	log_files_close(&trace->log);
}

struct trace_message *
trace_get(const struct trace *trace, const char *id)
{
	/* What was heard of last is asked for first. */
	for (size_t i = trace->count; i-- > 0;)
		if (strcmp(trace->messages[i].id, id) == 0)
			return &trace->messages[i];
	return NULL;
}

struct trace_message *
trace_add_nameless(struct trace *trace, int64_t when)
{
	struct trace_message *message;

	trace->messages = grow(trace->messages, trace->count, sizeof(*message));
	message = &trace->messages[trace->count++];
	*message = (struct trace_message){ .first = when };
	for (size_t i = 0; i < FACT_COUNT; i++)
		message->facts[i] = xstrdup("");
	return message;
}

static int
by_first(const void *a, const void *b)
{
	const struct trace_message *first = a;
	const struct trace_message *second = b;

	if (first->first != second->first)
		return first->first < second->first ? -1 : 1;
	return strcmp(first->id, second->id);
}

void
trace_sort(struct trace *trace)
{
	size_t old =
	    trace->count > trace->limit ? trace->count - trace->limit : 0;

	if (trace->count > 1)
		qsort(trace->messages, trace->count, sizeof(trace->messages[0]),
		    by_first);
	if (old == 0)
		return;
	for (size_t i = 0; i < old; i++)
		clear_message(&trace->messages[i]);
	trace->count -= old;
	memmove(trace->messages, trace->messages + old,
	    trace->count * sizeof(trace->messages[0]));
	trace->more = true;
}

void
trace_note(struct trace *trace, const char *id, int64_t when)
{
	struct trace_message *message = trace_get(trace, id);

	if (message != NULL) {
		if (when < message->first)
			message->first = when;
		return;
	}
	if (trace->count >= 2 * trace->limit + SPARE)
		trace_sort(trace);
	message = trace_add_nameless(trace, when);
	(void)copy_string(message->id, sizeof(message->id), id);
}

void
trace_learn(struct trace_message *message, enum trace_fact fact,
    const char *value)
{
	char **known = &message->facts[fact];

	if (**known != '\0' || *value == '\0')
		return;
	free(*known);
	*known = xstrdup(value);
}

void
trace_add_copy(struct trace_message *message, const char *folder,
    const char *file)
{
	struct trace_copy *copy;

	for (size_t i = 0; i < message->copy_count; i++)
		if (strcmp(message->copies[i].file, file) == 0 &&
		    strcmp(message->copies[i].folder, folder) == 0)
			return;
	message->copies =
	    grow(message->copies, message->copy_count, sizeof(*copy));
	copy = &message->copies[message->copy_count++];
	*copy = (struct trace_copy){
		.folder = xstrdup(folder),
		.name = xstrdup(""),
	};
	(void)copy_string(copy->file, sizeof(copy->file), file);
}

static void
replace(char **text, const char *news)
{
	if (*news == '\0')
		return;
	free(*text);
	*text = xstrdup(news);
}

void
trace_decide(struct trace_message *message, const struct trace_news *news)
{
	struct trace_recipient *rcpt = NULL;

	for (size_t i = 0; i < message->recipient_count && rcpt == NULL; i++)
		if (strcasecmp(message->recipients[i].address, news->address) ==
		    0)
			rcpt = &message->recipients[i];
	if (rcpt == NULL) {
		message->recipients = grow(message->recipients,
		    message->recipient_count, sizeof(*rcpt));
		rcpt = &message->recipients[message->recipient_count++];
		rcpt->address = xstrdup(news->address);
		rcpt->typed = xstrdup("");
		rcpt->outcome = xstrdup("");
		rcpt->reply = xstrdup("");
	}
	replace(&rcpt->typed, news->typed);
	replace(&rcpt->outcome, news->outcome);
	replace(&rcpt->reply, news->reply);
}

bool
trace_add_event(struct trace_message *message, const struct trace_event *event)
{
	struct trace_event *copy;

	if (message->event_count == EVENTS_MAX)
		return false;
	message->events =
	    grow(message->events, message->event_count, sizeof(*copy));
	copy = &message->events[message->event_count];
	*copy = *event;
	copy->line = xstrdup(event->line);
	copy->order = message->event_count++;
	return true;
}
