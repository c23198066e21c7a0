/*
 * queue_retry.c - postlab queue retry: asks the queue manager to try now.
 *
 * Nothing of it is in the files: what waits when smtpd starts is tried then.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/queue_choice.h"
#include "admin/queue_folder.h"
#include "common/buf.h"
#include "smtpd/queue_request.h"

static const char not_running[] =
    "smtpd does not run: all that waits is tried when it starts";

static int
say_away(void)
{
	puts(not_running);
	return EX_OK;
}

/* One request about many messages. */
static int
retry_many(const char *verb, const char *subject)
{
	struct buf answer = BUF_INIT;
	int status = EX_OK;
	size_t count;

	if (queue_ask(verb, subject, &answer) == -1) {
		status = say_away();
	} else if (queue_answer_is(&answer, "started")) {
		puts("messages are tried now");
	} else if (queue_answer_is(&answer, "ok")) {
		count = queue_answer_number(&answer);
		printf("%zu message%s tried now\n", count,
		    count == 1 ? " is" : "s are");
	} else {
		status = admin_error(EX_TEMPFAIL, "smtpd says no");
	}
	buf_clear(&answer);
	return status;
}

/* The message ID, which is there. */
static int
retry_one(const char *id)
{
	struct buf answer = BUF_INIT;
	int status = EX_OK;

	if (queue_ask("retry", id, &answer) == -1)
		status = say_away();
	else if (queue_answer_is(&answer, "held"))
		status =
		    admin_error(EX_DATAERR, "%s: it is held; release it", id);
	else if (queue_answer_is(&answer, "busy"))
		printf("%s\tis being delivered now\n", id);
	else if (queue_answer_is(&answer, "absent"))
		/* It has only just come, and is looked at anyhow. */
		printf("%s\tis tried as soon as it is taken in\n", id);
	else
		printf("%s\tis tried now\n", id);
	buf_clear(&answer);
	return status;
}

static int
retry_chosen(const struct queue_choice *choice)
{
	struct queue_ids ids;
	int status = EX_OK;
	int queue = queue_folder();

	if (queue == -1)
		return EX_TEMPFAIL;
	if (queue_choice_find(choice, queue, &ids) == -1)
		status = EX_TEMPFAIL;
	close(queue);
	if (ids.count == 0 && choice->id != NULL)
		status = admin_error(QUEUE_ABSENT, "%s: not in the queue",
		    choice->id);
	else if (ids.count == 0)
		puts("0 messages are tried now");
	for (size_t i = 0; i < ids.count; i++) {
		int rc = retry_one(ids.ids[i]);

		status = rc == EX_OK ? status : rc;
	}
	free(ids.ids);
	return status;
}

int
queue_retry(int argc, char **argv)
{
	struct queue_choice choice;

	if (!queue_choice_read(argc, argv, &choice) || choice.json)
		return EX_USAGE;
	if (choice.id != NULL && !queue_is_id(choice.id))
		return queue_folder_bad_id(choice.id);
	if (choice.id != NULL || choice.sender != NULL ||
	    choice.recipient != NULL)
		return retry_chosen(&choice);

	admin_enter();
	return choice.domain != NULL ? retry_many("flush", choice.domain)
				     : retry_many("retry", "all");
}
