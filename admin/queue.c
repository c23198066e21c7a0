/*
 * queue.c - postlab queue: mail that waits for its delivery.
 *
 * To look at it is here; what the operator does to it is in queue_order.c and
 * queue_retry.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/queue_choice.h"
#include "admin/queue_folder.h"
#include "admin/queue_order.h"
#include "admin/queue_print.h"
#include "common/buf.h"
#include "common/log.h"
#include "maildir/message.h"

enum { HEADER_MAX = 256 * 1024, ANY_LENGTH = 1 << 30, ARGUMENTS_MAX = 8 };

int
queue_folder(void)
{
	int queue;

	admin_enter();
	queue = open("queue", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (queue == -1)
		log_errno("open queue/");
	return queue;
}

int
queue_folder_bad_id(const char *id)
{
	return admin_error(EX_DATAERR, "%s is no queue id", log_safe(id));
}

/* False when it is gone meanwhile. */
static bool
print_entry(int queue, const char *id, bool json, bool first)
{
	struct queue_entry entry;
	struct buf line = BUF_INIT;
	bool readable = queue_read(queue, id, false, &entry) == 0;
	bool there = readable || errno != ENOENT;

	if (json)
		buf_addstr(&line, first ? "\n  " : ",\n  ");
	if (readable && json)
		queue_print_json(&line, &entry);
	else if (readable)
		queue_print_line(&line, &entry);
	else if (json)
		buf_printf(&line, "{\"id\": \"%s\", \"damaged\": true}", id);
	else
		buf_printf(&line, "%s\tdamaged", id);
	if (there)
		printf("%s%s", line.data, json ? "" : "\n");
	queue_entry_clear(&entry);
	buf_clear(&line);
	return there;
}

static int
list(int argc, char **argv)
{
	struct queue_choice choice;
	struct queue_ids ids;
	bool first = true;
	int queue;
	int rc;

	if (!queue_choice_read(argc, argv, &choice) || choice.id != NULL)
		return EX_USAGE;
	queue = queue_folder();
	if (queue == -1)
		return EX_TEMPFAIL;
	rc = queue_choice_find(&choice, queue, &ids);
	if (choice.json)
		printf("{\"messages\": [");
	for (size_t i = 0; i < ids.count; i++)
		if (print_entry(queue, ids.ids[i], choice.json, first))
			first = false;
	if (choice.json)
		printf("%s]}\n", first ? "" : "\n");
	free(ids.ids);
	close(queue);
	return rc == 0 ? EX_OK : EX_TEMPFAIL;
}

/* The message as it was received, made harmless for a terminal. */
static int
print_message(int queue, const char *id, bool header_alone)
{
	struct buf message = BUF_INIT;
	struct buf shown = BUF_INIT;
	int fd = queue_open_message(queue, id);
	const char *end;
	int rc;

	if (fd == -1)
		return -1;
	rc = buf_read(&message, fd, header_alone ? HEADER_MAX : ANY_LENGTH);
	close(fd);
	if (rc == -1) {
		log_errno("read queue/%s.msg", id);
	} else {
		end = header_alone
		    ? memmem(message.data, message.size, "\n\n", 2)
		    : NULL;
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
show_entry(int queue, const char *id, const char *part)
{
	struct queue_entry entry;
	struct buf text = BUF_INIT;
	int status = EX_OK;

	if (queue_read(queue, id, false, &entry) == 0) {
		queue_print_whole(&text, &entry);
		printf("%s", text.data);
		if (part != NULL &&
		    print_message(queue, id, strcmp(part, "--header") == 0) ==
			-1)
			status = EX_TEMPFAIL;
	} else if (errno == ENOENT) {
		status = admin_error(QUEUE_ABSENT, "%s: not in the queue", id);
	} else {
		status =
		    admin_error(EX_DATAERR, "%s: its envelope is damaged", id);
	}
	queue_entry_clear(&entry);
	buf_clear(&text);
	return status;
}

/* show ID [--header|--message] */
static int
show(int argc, char **argv)
{
	const char *id = argv[1];
	const char *part = argc > 2 ? argv[2] : NULL;
	int status;
	int queue;

	if (part != NULL && strcmp(part, "--header") != 0 &&
	    strcmp(part, "--message") != 0)
		return EX_USAGE;
	if (!queue_is_id(id))
		return queue_folder_bad_id(id);
	queue = queue_folder();
	if (queue == -1)
		return EX_TEMPFAIL;
	status = show_entry(queue, id, part);
	close(queue);
	return status;
}

int
admin_queue(int argc, char **argv)
{
	static const struct admin_verb verbs[] = {
		{ "list", 0, ARGUMENTS_MAX, list },
		{ "show", 1, 2, show },
		{ "retry", 0, ARGUMENTS_MAX, queue_retry },
		{ "hold", 1, ARGUMENTS_MAX, queue_order_hold },
		{ "release", 1, ARGUMENTS_MAX, queue_order_release },
		{ "delete", 1, ARGUMENTS_MAX, queue_order_delete },
		{ "bounce", 1, ARGUMENTS_MAX, queue_order_bounce },
	};

	return admin_run_verb(verbs, COUNT(verbs), argc, argv);
}
