/* queue_print.c - an envelope for a person, for a list, for a program. */
#include "admin/queue_print.h"

#include <time.h>

#include "admin/admin.h"
#include "admin/json.h"

static const char *const states[] = {
	[RCPT_PENDING] = "waits",
	[RCPT_DONE] = "done",
	[RCPT_FAILED] = "failed",
};

static const char *
state_name(const struct queue_recipient *rcpt)
{
	return rcpt->expanded ? "expanded" : states[rcpt->state];
}

void
queue_print_time(struct buf *to, int64_t when)
{
	char text[32];
	time_t seconds = (time_t)when;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	buf_addstr(to, text);
}

static void
add_address(struct buf *to, const char *address)
{
	buf_addchar(to, '<');
	admin_field(to, address);
	buf_addchar(to, '>');
}

void
queue_print_line(struct buf *to, const struct queue_entry *entry)
{
	const struct reply *last = queue_last_word(entry);

	buf_printf(to, "%s\t", entry->id);
	queue_print_time(to, entry->arrived);
	buf_printf(to, "\t%lld\t", (long long)entry->size);
	add_address(to, entry->sender);
	buf_printf(to, "\t%zu/%zu\t", queue_count(entry, RCPT_PENDING),
	    queue_count_people(entry));
	if (entry->held)
		buf_addstr(to, "held");
	else if (entry->attempts == 0)
		buf_addstr(to, "now");
	else
		queue_print_time(to, entry->next);
	buf_addchar(to, '\t');
	if (last != NULL) {
		buf_printf(to, "%d ", last->code);
		admin_lines(to, last->text, " ");
	} else {
		buf_addchar(to, '-');
	}
}

static void
add_json_time(struct buf *to, const char *name, int64_t when)
{
	buf_printf(to, "\"%s\": \"", name);
	queue_print_time(to, when);
	buf_addchar(to, '"');
}

static void
add_json_text(struct buf *to, const char *name, const char *text)
{
	buf_printf(to, "\"%s\": ", name);
	json_string(to, text);
}

static void
add_json_recipient(struct buf *to, const struct queue_recipient *rcpt)
{
	buf_addchar(to, '{');
	add_json_text(to, "address", rcpt->address);
	buf_addstr(to, ", ");
	add_json_text(to, "original",
	    *rcpt->original == '\0' ? rcpt->address : rcpt->original);
	buf_printf(to, ", \"local\": %s, \"state\": \"%s\", \"last\": ",
	    rcpt->local ? "true" : "false", state_name(rcpt));
	if (rcpt->last.code == 0) {
		buf_addstr(to, "null}");
		return;
	}
	buf_printf(to, "{\"code\": %d, ", rcpt->last.code);
	add_json_text(to, "text", rcpt->last.text);
	buf_addstr(to, ", ");
	add_json_time(to, "time", rcpt->when);
	buf_addstr(to, "}}");
}

void
queue_print_json(struct buf *to, const struct queue_entry *entry)
{
	buf_addchar(to, '{');
	add_json_text(to, "id", entry->id);
	buf_addstr(to, ", ");
	add_json_time(to, "arrived", entry->arrived);
	buf_printf(to, ", \"size\": %lld, ", (long long)entry->size);
	add_json_text(to, "sender", entry->sender);
	buf_addstr(to, ", ");
	add_json_text(to, "login", entry->login);
	buf_addstr(to, ", ");
	add_json_text(to, "peer", entry->peer);
	buf_addstr(to, ", ");
	add_json_text(to, "message_id", entry->message_id);
	buf_printf(to, ", \"held\": %s, \"attempts\": %d, ",
	    entry->held ? "true" : "false", entry->attempts);
	if (entry->held || entry->attempts == 0)
		buf_addstr(to, "\"next\": null");
	else
		add_json_time(to, "next", entry->next);
	buf_addstr(to, ", \"recipients\": [");
	for (size_t i = 0; i < entry->recipient_count; i++) {
		buf_addstr(to, i == 0 ? "" : ", ");
		add_json_recipient(to, &entry->recipients[i]);
	}
	buf_addstr(to, "]}");
}

static void
add_field(struct buf *to, const char *name, const char *value)
{
	if (*value == '\0')
		return;
	buf_printf(to, "%-12s ", name);
	admin_field(to, value);
	buf_addchar(to, '\n');
}

/* Under the words of a reply's first line. */
static const char continuation[] = "\n"
				   "                                      ";

static void
add_recipient(struct buf *to, const struct queue_recipient *rcpt)
{
	buf_printf(to, "%-12s ", "recipient");
	add_address(to, rcpt->address);
	buf_printf(to, " %s, %s\n", rcpt->local ? "here" : "elsewhere",
	    state_name(rcpt));
	add_field(to, "  written as", rcpt->original);
	add_field(to, "  parameters", rcpt->parameters);
	if (rcpt->last.code == 0)
		return;
	buf_printf(to, "%-12s ", "  last word");
	queue_print_time(to, rcpt->when);
	buf_printf(to, " %d ", rcpt->last.code);
	admin_lines(to, rcpt->last.text, continuation);
	buf_addchar(to, '\n');
}

void
queue_print_whole(struct buf *to, const struct queue_entry *entry)
{
	buf_printf(to, "%-12s %s\n%-12s ", "id", entry->id, "arrived");
	queue_print_time(to, entry->arrived);
	buf_printf(to, "\n%-12s %lld octets\n%-12s ", "size",
	    (long long)entry->size, "sender");
	add_address(to, entry->sender);
	buf_addchar(to, '\n');
	add_field(to, "parameters", entry->parameters);
	add_field(to, "client", entry->peer);
	add_field(to, "uid", entry->uid);
	add_field(to, "helo", entry->helo);
	add_field(to, "login", entry->login);
	add_field(to, "protocol", entry->protocol);
	add_field(to, "tls", entry->tls);
	add_field(to, "message-id", entry->message_id);
	buf_printf(to, "%-12s %d\n", "attempts", entry->attempts);
	if (entry->held) {
		buf_printf(to, "%-12s none: it is held\n", "next attempt");
	} else if (entry->attempts > 0) {
		buf_printf(to, "%-12s ", "next attempt");
		queue_print_time(to, entry->next);
		buf_addchar(to, '\n');
	}
	for (size_t i = 0; i < entry->recipient_count; i++)
		add_recipient(to, &entry->recipients[i]);
}
