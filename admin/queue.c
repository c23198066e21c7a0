/* queue.c - postlab queue: mail that waits for its delivery. */
#include "smtpd/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "admin/admin.h"
#include "common/buf.h"
#include "common/log.h"
#include "maildir/message.h"

enum { HEADER_MAX = 256 * 1024 };

static int
open_queue(void)
{
	int queue;

	admin_enter();
	queue = open("queue", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (queue == -1)
		log_errno("open queue/");
	return queue;
}

/* 2026-11-22T02:13:17Z */
static void
add_time(struct buf *to, int64_t when)
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

/* The newest of what was said about a recipient that waits. */
static const struct reply *
last_word(const struct queue_entry *entry)
{
	const struct queue_recipient *newest = NULL;

	for (size_t i = 0; i < entry->recipient_count; i++) {
		const struct queue_recipient *rcpt = &entry->recipients[i];

		if (rcpt->state == RCPT_PENDING && rcpt->last.code != 0 &&
		    (newest == NULL || rcpt->when > newest->when))
			newest = rcpt;
	}
	return newest == NULL ? NULL : &newest->last;
}

/* ID, arrival, size, sender, waiting of all, next attempt, last word. */
static void
add_line(struct buf *to, const struct queue_entry *entry)
{
	const struct reply *last = last_word(entry);

	buf_printf(to, "%s\t", entry->id);
	add_time(to, entry->arrived);
	buf_printf(to, "\t%lld\t", (long long)entry->size);
	add_address(to, entry->sender);
	buf_printf(to, "\t%zu/%zu\t", queue_count(entry, RCPT_PENDING),
	    entry->recipient_count);
	if (entry->held)
		buf_addstr(to, "held");
	else if (entry->attempts == 0)
		buf_addstr(to, "now");
	else
		add_time(to, entry->next);
	buf_addchar(to, '\t');
	if (last != NULL) {
		buf_printf(to, "%d ", last->code);
		admin_field(to, last->text);
	} else {
		buf_addchar(to, '-');
	}
}

static int
print_entry(void *arg, const char *id)
{
	const int *queue = arg;
	struct queue_entry entry = { .id = "" };
	struct buf line = BUF_INIT;

	if (queue_read(*queue, id, false, &entry) == 0) {
		add_line(&line, &entry);
		printf("%s\n", line.data);
	} else if (errno != ENOENT) {
		printf("%s\tdamaged\n", id);
	}
	queue_entry_clear(&entry);
	buf_clear(&line);
	return 0;
}

static int
list(int argc, char **argv)
{
	int queue = open_queue();
	int rc;

	(void)argc;
	(void)argv;
	if (queue == -1)
		return EX_TEMPFAIL;
	rc = queue_scan(queue, print_entry, &queue);
	close(queue);
	return rc == 0 ? EX_OK : EX_TEMPFAIL;
}

static void
print_field(const char *name, const char *value)
{
	struct buf shown = BUF_INIT;

	admin_field(&shown, value);
	if (shown.size > 0)
		printf("%-12s %s\n", name, shown.data);
	buf_clear(&shown);
}

static void
print_recipient(const struct queue_recipient *rcpt)
{
	static const char *const states[] = {
		[RCPT_PENDING] = "waits",
		[RCPT_DONE] = "done",
		[RCPT_FAILED] = "failed",
	};
	struct buf text = BUF_INIT;

	add_address(&text, rcpt->address);
	buf_printf(&text, " %s, %s", rcpt->local ? "here" : "elsewhere",
	    states[rcpt->state]);
	printf("%-12s %s\n", "recipient", text.data);
	print_field("  written as", rcpt->original);
	print_field("  parameters", rcpt->parameters);
	if (rcpt->last.code != 0) {
		buf_reset(&text);
		add_time(&text, rcpt->when);
		buf_printf(&text, " %d ", rcpt->last.code);
		admin_field(&text, rcpt->last.text);
		printf("%-12s %s\n", "  last word", text.data);
	}
	buf_clear(&text);
}

static void
print_envelope(const struct queue_entry *entry)
{
	struct buf text = BUF_INIT;

	printf("%-12s %s\n", "id", entry->id);
	add_time(&text, entry->arrived);
	printf("%-12s %s\n", "arrived", text.data);
	printf("%-12s %lld octets\n", "size", (long long)entry->size);
	buf_reset(&text);
	add_address(&text, entry->sender);
	printf("%-12s %s\n", "sender", text.data);
	print_field("parameters", entry->parameters);
	print_field("client", entry->peer);
	print_field("helo", entry->helo);
	print_field("login", entry->login);
	print_field("protocol", entry->protocol);
	printf("%-12s %d\n", "attempts", entry->attempts);
	if (entry->held || entry->attempts > 0) {
		buf_reset(&text);
		if (entry->held)
			buf_addstr(&text, "none: it is held");
		else
			add_time(&text, entry->next);
		printf("%-12s %s\n", "next attempt", text.data);
	}
	for (size_t i = 0; i < entry->recipient_count; i++)
		print_recipient(&entry->recipients[i]);
	buf_clear(&text);
}

/* The header as it was received, made harmless for a terminal. */
static int
print_header(int queue, const char *id)
{
	struct buf message = BUF_INIT;
	struct buf shown = BUF_INIT;
	int fd = queue_open_message(queue, id);
	const char *end;
	int rc;

	if (fd == -1)
		return -1;
	rc = buf_read(&message, fd, HEADER_MAX);
	close(fd);
	if (rc == -1) {
		log_errno("read queue/%s.msg", id);
	} else {
		end = memmem(message.data, message.size, "\n\n", 2);
		text_safe(message.data,
		    end == NULL ? message.size : (size_t)(end - message.data),
		    &shown);
		printf("\n%s\n", shown.data);
	}
	buf_clear(&message);
	buf_clear(&shown);
	return rc == -1 ? -1 : 0;
}

static int
show(int argc, char **argv)
{
	const char *id = argv[1];
	struct queue_entry entry = { .id = "" };
	int status = EX_OK;
	int queue;

	(void)argc;
	if (!queue_is_id(id))
		return admin_error(EX_DATAERR, "%s is no queue id",
		    log_safe(id));
	queue = open_queue();
	if (queue == -1)
		return EX_TEMPFAIL;
	if (queue_read(queue, id, false, &entry) == 0) {
		print_envelope(&entry);
		if (print_header(queue, id) == -1)
			status = EX_TEMPFAIL;
	} else {
		status = admin_error(EX_DATAERR, "%s: %s", id,
		    errno == ENOENT ? "not in the queue"
				    : "its envelope is damaged");
	}
	queue_entry_clear(&entry);
	close(queue);
	return status;
}

int
admin_queue(int argc, char **argv)
{
	static const struct admin_verb verbs[] = {
		{ "list", 0, 0, list },
		{ "show", 1, 1, show },
	};

	return admin_run_verb(verbs, COUNT(verbs), argc, argv);
}
