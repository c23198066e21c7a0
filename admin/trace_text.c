/*
 * trace_text.c - stories, and one line of each.
 *
 * Times are local, because people compare them with clocks.
 */
#include "admin/trace_text.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/logfmt.h"
#include "admin/trace_gap.h"
#include "admin/trace_sentence.h"
#include "common/mem.h"

bool
trace_is_known(const struct trace_message *message)
{
	return message->event_count > 0 || message->copy_count > 0 ||
	    message->queued;
}

static void
add_fact(struct buf *to, const char *before, const char *fact,
    const char *after)
{
	if (*fact == '\0')
		return;
	buf_addstr(to, before);
	admin_lines(to, fact, " ");
	buf_addstr(to, after);
}

/* "name             text", unless there is none; TEXT is emptied. */
static void
print_row(const char *name, struct buf *text)
{
	if (text->size > 0)
		printf("  %-12s %s\n", name, text->data);
	buf_reset(text);
}

/* Who composed it, as far as this host can tell. */
static void
add_person(const struct trace_message *message, struct buf *to)
{
	const char *login = message->facts[FACT_LOGIN];
	const char *uid = message->facts[FACT_UID];
	const struct passwd *person = NULL;

	if (*login != '\0') {
		add_fact(to, "", login, ", who had logged in");
	} else if (*uid != '\0') {
		person = getpwuid((uid_t)strtoul(uid, NULL, 10));
		add_fact(to, "", person == NULL ? "" : person->pw_name, ", ");
		add_fact(to, "Unix user ", uid,
		    " of this machine, without a login");
	} else if (*message->facts[FACT_PEER] != '\0') {
		add_fact(to, "nobody who had logged in; from ",
		    message->facts[FACT_PEER], "");
	} else if (*message->facts[FACT_ABOUT] != '\0') {
		add_fact(to, "this host: a report about ",
		    message->facts[FACT_ABOUT], "");
	} else if (*message->id == '\0') {
		buf_addstr(to, "not by smtpd");
	} else {
		buf_addstr(to, "not known");
	}
}

static void
add_way(const struct trace_message *message, struct buf *to)
{
	char *const *facts = message->facts;

	add_fact(to, "from ", facts[FACT_PEER], "");
	add_fact(to, ", which said HELO ", facts[FACT_HELO], "");
	add_fact(to, to->size == 0 ? "" : ", ", facts[FACT_PROTOCOL], "");
	add_fact(to, " on the listener ", facts[FACT_LISTENER], "");
	if (*facts[FACT_TLS] != '\0')
		add_fact(to, ", ", facts[FACT_TLS], "");
	else if (*facts[FACT_LISTENER] != '\0')
		buf_addstr(to, ", no TLS");
}

static void
print_facts(const struct trace_message *message)
{
	char *const *facts = message->facts;
	struct buf text = BUF_INIT;

	printf("message %s\n",
	    message->id[0] == '\0' ? "without a queue id" : message->id);
	add_fact(&text, "", facts[FACT_MESSAGE_ID], "");
	print_row("Message-Id", &text);
	add_fact(&text, "", facts[FACT_FROM], "");
	print_row("from", &text);
	add_person(message, &text);
	print_row("handed in by", &text);
	add_way(message, &text);
	print_row("how", &text);
	if (message->first != INT64_MAX) {
		buf_addstr(&text, message->arrival_known ? "" : "by ");
		trace_time(message->first, &text);
		print_row("when", &text);
	}
	add_fact(&text, "", facts[FACT_SIZE], " octets");
	print_row("size", &text);
	buf_clear(&text);
}

static void
print_recipients(const struct trace_message *message)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < message->recipient_count; i++) {
		const struct trace_recipient *rcpt = &message->recipients[i];

		admin_field(&text, rcpt->address);
		add_fact(&text, " (written as ", rcpt->typed, ")");
		add_fact(&text, ": ", rcpt->outcome, "");
		print_row(i == 0 ? "to" : "", &text);
	}
	buf_clear(&text);
}

static void
print_event(const struct trace_event *event)
{
	struct buf text = BUF_INIT;
	struct logfmt fields;
	const char *program;

	if (!logfmt_parse(event->line, strlen(event->line), &fields))
		return;
	trace_time(event->when, &text);
	buf_printf(&text, ".%03d  ", (int)(event->when % 1000));
	program = logfmt_get(&fields, "prog");
	admin_field(&text, program);
	for (size_t n = strlen(program); n < 7; n++)
		buf_addchar(&text, ' ');
	trace_sentence(&fields, &text);
	printf("  %s\n", text.data);
	buf_clear(&text);
}

static void
print_copy(const struct trace_copy *copy)
{
	struct buf text = BUF_INIT;

	if (copy->place == PLACE_ELSEWHERE)
		return;
	admin_field(&text, copy->folder);
	if (copy->place == PLACE_NEW || copy->place == PLACE_CUR) {
		buf_addstr(&text, copy->place == PLACE_NEW ? "/new/" : "/cur/");
		admin_field(&text, copy->name);
	} else if (copy->place == PLACE_GONE) {
		buf_addstr(&text, ": the copy is not there any more");
	} else {
		buf_addstr(&text, ": cannot be looked into");
	}
	print_row("now in", &text);
	buf_clear(&text);
}

static bool
is_done(const struct trace_recipient *rcpt)
{
	return strcmp(rcpt->outcome, "delivered") == 0 ||
	    strcmp(rcpt->outcome, "relayed") == 0;
}

static void
print_queue(const struct trace_message *message)
{
	const struct queue_entry *entry = &message->entry;
	struct buf text = BUF_INIT;

	buf_printf(&text, "the queue, %zu of %zu recipients wait, %d attempts",
	    queue_count(entry, RCPT_PENDING), queue_count_people(entry),
	    entry->attempts);
	if (entry->held) {
		buf_addstr(&text, ", held");
	} else if (queue_count(entry, RCPT_PENDING) == 0) {
		buf_addstr(&text, ", about to leave it");
	} else if (entry->attempts > 0) {
		buf_addstr(&text, ", the next ");
		trace_time(entry->next * 1000, &text);
	}
	print_row("now in", &text);
	for (size_t i = 0; i < message->recipient_count; i++) {
		const struct trace_recipient *rcpt = &message->recipients[i];

		admin_field(&text, rcpt->address);
		add_fact(&text, ": ", rcpt->reply, "");
		if (is_done(rcpt))
			buf_reset(&text);
		print_row("last word", &text);
	}
	buf_clear(&text);
}

void
trace_print_story(const struct trace_message *message)
{
	print_facts(message);
	print_recipients(message);
	if (message->event_count > 0)
		printf("\n");
	for (size_t i = 0; i < message->event_count; i++)
		print_event(&message->events[i]);
	if (message->queued || message->copy_count > 0)
		printf("\n");
	if (message->queued)
		print_queue(message);
	for (size_t i = 0; i < message->copy_count; i++)
		print_copy(&message->copies[i]);
}

static size_t
count_done(const struct trace_message *message)
{
	size_t n = 0;

	for (size_t i = 0; i < message->recipient_count; i++)
		n += is_done(&message->recipients[i]);
	return n;
}

static const char *
sum_up(const struct trace_message *message)
{
	size_t done = count_done(message);

	if (message->queued && message->entry.held)
		return "held";
	if (message->queued && queue_count(&message->entry, RCPT_PENDING) > 0)
		return "waits";
	if (message->recipient_count == 0)
		return "refused";
	if (done == message->recipient_count)
		return "delivered";
	return done > 0 ? "in part" : "failed";
}

void
trace_print_line(const struct trace_message *message)
{
	struct buf text = BUF_INIT;

	trace_time(message->first, &text);
	buf_printf(&text, "  %s  %-9s  ", message->id, sum_up(message));
	admin_field(&text, message->facts[FACT_FROM]);
	if (message->recipient_count > 0)
		add_fact(&text, " -> ", message->recipients[0].address, "");
	if (message->recipient_count > 1)
		buf_printf(&text, " and %zu more",
		    message->recipient_count - 1);
	printf("%s\n", text.data);
	buf_clear(&text);
}

/* What is missing, where something is. */
static void
print_gap(const struct trace *trace, bool complete)
{
	struct buf text = BUF_INIT;

	if (trace->more)
		printf("\nthere is more; shown are the newest %zu (--limit)\n",
		    trace->count);
	if (complete && trace->log.unread_count == 0)
		return;
	trace_gap(&trace->log, &text);
	printf("\n%s", text.data);
	buf_clear(&text);
}

void
trace_print(const struct trace *trace)
{
	bool complete = trace->count > 0;

	for (size_t i = 0; i < trace->count; i++) {
		const struct trace_message *message = &trace->messages[i];

		complete = complete && message->arrival_known;
		if (trace->wanted == WANTED_ADDRESS) {
			trace_print_line(message);
			continue;
		}
		printf("%s", i == 0 ? "" : "\n");
		trace_print_story(message);
	}
	print_gap(trace, complete);
}
