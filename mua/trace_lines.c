/*
 * trace_lines.c - the trace window: the way of a message as a table and as a
 * ladder, the oldest hop on top, and what was found out about it on the way.
 */
#include "mua/windows.h"

#include "maildir/header.h"
#include "mua/trace_table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RAIL "│   "

static void
add_empty(struct lines *lines)
{
	lines_printf(lines, STYLE_NORMAL, "%s", "");
}

static void
add_time(int64_t when, struct buf *to)
{
	time_t seconds = (time_t)when;
	char text[64];
	struct tm tm;

	if (gmtime_r(&seconds, &tm) != NULL &&
	    strftime(text, sizeof(text), "%a %Y-%m-%d %H:%M:%S UTC", &tm) > 0)
		buf_addstr(to, text);
}

/* A line beside the ladder, whose rail goes on where it must be cut. */
PRINTF(3, 4)
static void
add_beside(struct lines *lines, enum style style, const char *fmt, ...)
{
	struct buf line = BUF_INIT;
	va_list args;
	char *text = NULL;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) >= 0) {
		buf_printf(&line, RAIL "%s", text);
		lines_add(lines, style, line.data, line.size);
		lines_repeat(lines, strlen(RAIL));
		free(text);
	}
	va_end(args);
	buf_clear(&line);
}

/* A host: its name and, where known, its address or program. */
static void
add_host(struct lines *lines, const char *name, const char *more)
{
	lines_printf(lines, STYLE_LABEL, "● %s%s%s%s", name,
	    *more == '\0' ? "" : " (", more, *more == '\0' ? "" : ")");
}

static void
add_start(const struct journey *journey, struct lines *lines)
{
	const struct received *r = &journey->hops[0].received;
	struct buf name = BUF_INIT;

	if (*r->helo != '\0')
		buf_addstr(&name, r->helo);
	else if (*r->ident != '\0')
		buf_printf(&name, "user %s", r->ident);
	else
		buf_addstr(&name, "the sender");
	add_host(lines, name.data, r->address);
	if (journey->composed != 0) {
		buf_reset(&name);
		add_time(journey->composed, &name);
		add_beside(lines, STYLE_NORMAL, "Date: %s", name.data);
	}
	buf_clear(&name);
}

static void
add_fact(struct buf *to, const char *label, const char *value)
{
	if (*value != '\0')
		buf_printf(to, "%s%s%s", to->size > 0 ? ", " : "", label,
		    value);
}

static void
add_hop_facts(const struct received *r, struct lines *lines)
{
	struct buf facts = BUF_INIT;

	add_fact(&facts, "", r->with);
	add_fact(&facts, "", r->tls);
	if (*r->with != '\0' && !r->encrypted)
		add_fact(&facts, "", "in the clear");
	add_fact(&facts, "via ", r->via);
	add_fact(&facts, "id ", r->id);
	if (facts.size > 0)
		add_beside(lines, STYLE_NORMAL, "%s", facts.data);
	buf_reset(&facts);
	add_fact(&facts, "login ",
	    strcmp(r->login, "?") == 0 ? "(not named)" : r->login);
	add_fact(&facts, "user ", *r->helo == '\0' ? "" : r->ident);
	add_fact(&facts, "from ", r->sender);
	add_fact(&facts, "for ", r->recipient);
	if (facts.size > 0)
		add_beside(lines, STYLE_NORMAL, "%s", facts.data);
	buf_clear(&facts);
}

static void
add_notes(const struct hop *hop, struct lines *lines)
{
	const char *at = hop->notes.data;

	while (*at != '\0') {
		size_t size = strcspn(at, "\n");

		add_beside(lines, hop->doubts > 0 ? STYLE_FAULT : STYLE_PART,
		    "! %.*s.", (int)size, at);
		at += size + (at[size] == '\n');
	}
}

static void
add_arrow(const struct hop *hop, struct lines *lines)
{
	struct buf text = BUF_INIT;

	if (hop->received.has_date)
		add_time(hop->received.date, &text);
	if (hop->has_delay) {
		buf_addstr(&text, hop->delay < 0 ? ", " : ", +");
		journey_span(hop->delay, &text);
	}
	lines_printf(lines, STYLE_NORMAL, "▼   %s", text.data);
	buf_clear(&text);
}

static void
add_rung(const struct journey *journey, size_t i, struct lines *lines)
{
	const struct hop *hop = &journey->hops[i];
	const struct received *r = &hop->received;
	const char *software = *r->software != '\0'
	    ? r->software
	    : received_format_name(r->format);

	add_beside(lines, STYLE_PART, "hop %zu%s", i + 1,
	    hop->own ? ", noted by our side" : "");
	add_hop_facts(r, lines);
	add_notes(hop, lines);
	add_arrow(hop, lines);
	add_host(lines, *r->by == '\0' ? "the same host" : r->by, software);
}

/* All fields called NAME, as they are. */
static void
add_fields(const struct message *message, const char *name, struct lines *lines)
{
	const char *cursor = message_header(message);
	const char *end = cursor + strlen(cursor);
	struct header_field field;

	while (header_next(&cursor, end, &field)) {
		size_t size = field.value_size;

		if (!header_is(&field, name))
			continue;
		while (size > 0 && strchr(" \r\n", field.value[size - 1]))
			size--;
		add_beside(lines, STYLE_NORMAL, "%s:%.*s", name, (int)size,
		    field.value);
	}
}

static void
add_ladder(const struct subject *subject, const struct journey *journey,
    struct lines *lines)
{
	static const char *const last[] = { "Return-Path", "X-Original-To",
		"Delivered-To" };

	if (journey->count > 0)
		add_start(journey, lines);
	for (size_t i = 0; i < journey->count; i++)
		add_rung(journey, i, lines);
	for (size_t i = 0; i < COUNT(last); i++)
		add_fields(subject->message, last[i], lines);
	lines_printf(lines, STYLE_LABEL, "■ this mailbox");
}

static void
add_verdict(const struct verdict *verdict, struct lines *lines)
{
	const struct authres *authres = &verdict->authres;

	lines_printf(lines, STYLE_LABEL, "%s%s", authres->authserv,
	    verdict->own ? ", our own side:"
			 : ", which anybody may have written:");
	if (authres->count == 0)
		lines_printf(lines, STYLE_NORMAL, "  nothing was checked");
	for (size_t i = 0; i < authres->count; i++) {
		const struct authres_result *result = &authres->results[i];

		lines_printf(lines,
		    verdict->own && strcmp(result->result, "fail") == 0
			? STYLE_FAULT
			: STYLE_NORMAL,
		    "  %s %s%s%s%s%s%s", result->method, result->result,
		    *result->property == '\0' ? "" : ", ", result->property,
		    *result->reason == '\0' ? "" : " (", result->reason,
		    *result->reason == '\0' ? "" : ")");
	}
}

static void
add_title(const struct journey *journey, struct lines *lines)
{
	struct buf text = BUF_INIT;
	int64_t first = 0;
	int64_t last = 0;

	buf_printf(&text, "%zu hop%s", journey->count,
	    journey->count == 1 ? "" : "s");
	for (size_t i = 0; i < journey->count; i++) {
		if (!journey->hops[i].received.has_date)
			continue;
		last = journey->hops[i].received.date;
		if (first == 0)
			first =
			    journey->composed != 0 ? journey->composed : last;
	}
	if (first != 0) {
		buf_addstr(&text, ", ");
		journey_span(last - first, &text);
		buf_addstr(&text, " in all");
	}
	lines_printf(lines, STYLE_PART, "The way of this message: %s",
	    text.data);
	if (journey->more)
		lines_printf(lines, STYLE_FAULT,
		    "There are more than %d; the oldest are not shown.",
		    HOPS_MAX);
	buf_clear(&text);
}

void
trace_lines(const struct subject *subject, int columns, struct lines *lines)
{
	struct journey journey;

	journey_read(subject->message, &journey);
	if (journey.count == 0)
		lines_printf(lines, STYLE_PART,
		    "No Received field: no server has had this message.");
	else
		add_title(&journey, lines);
	add_empty(lines);
	if (journey.count > 0 && columns >= TRACE_TABLE_MIN) {
		trace_table(&journey, columns, lines);
		add_empty(lines);
	}
	add_ladder(subject, &journey, lines);
	if (journey.verdict_count > 0) {
		add_empty(lines);
		lines_printf(lines, STYLE_PART, "What servers have checked");
	}
	for (size_t i = 0; i < journey.verdict_count; i++)
		add_verdict(&journey.verdicts[i], lines);
	journey_clear(&journey);
}
