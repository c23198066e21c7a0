/*
 * queue_order.c - hold, release, delete, bounce.
 *
 * The lock makes the order: whoever delivers has it from before the first byte
 * until the outcome is written.  So a message is deleted or held before an
 * attempt or after it, and what is deleted was, at that moment, nobody's work.
 */
#include "admin/queue_order.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/queue_folder.h"
#include "smtpd/queue_request.h"

enum { PATIENCE = 60 /* times 50 ms, for a lock */ };

struct orders {
	int queue;
	int owner; /* smtpd does not run, and cannot begin just now; or -1 */
	bool is_heard; /* by the manager */
};

/* What an order does to an envelope whose lock it has. */
struct order {
	int (*act)(int queue, int env_fd, const struct queue_entry *entry);
	const char *done;
	/* Why there is nothing to do, or NULL. */
	const char *(*needless)(const struct queue_entry *entry);
	bool damaged_too; /* also when the envelope cannot be read */
};

static int
hold(int queue, int env_fd, const struct queue_entry *entry)
{
	(void)queue;
	(void)entry;
	return queue_hold(env_fd);
}

static int
release(int queue, int env_fd, const struct queue_entry *entry)
{
	(void)queue;
	(void)entry;
	return queue_release(env_fd);
}

static int delete (int queue, int env_fd, const struct queue_entry *entry)
{
	(void)env_fd;
	return queue_remove(queue, entry->id);
}

static int
bounce(int queue, int env_fd, const struct queue_entry *entry)
{
	const struct reply r = reply(554,
	    "5.0.0 sent back by the operator before it could be delivered");

	(void)queue;
	return queue_bounce(env_fd, entry, &r);
}

static const char *
needs_no_hold(const struct queue_entry *entry)
{
	return entry->held ? "held already" : NULL;
}

static const char *
needs_no_release(const struct queue_entry *entry)
{
	return entry->held ? NULL : "not held";
}

/* The manager is about to remove it: to say "deleted" would be wrong. */
static const char *
needs_no_delete(const struct queue_entry *entry)
{
	return queue_count(entry, RCPT_DONE) == entry->recipient_count
	    ? "delivered already"
	    : NULL;
}

static int
begin(struct orders *orders)
{
	orders->queue = queue_folder();
	if (orders->queue == -1)
		return -1;
	orders->owner = queue_own(orders->queue);
	if (orders->owner != -1)
		queue_take_all(orders->queue);
	orders->is_heard = orders->owner == -1;
	return 0;
}

static void
end(struct orders *orders)
{
	if (orders->owner != -1)
		close(orders->owner);
	close(orders->queue);
}

/* Has the manager look at ID, where there is one. */
static void
tell_manager(struct orders *orders, const char *id)
{
	struct buf answer = BUF_INIT;

	if (orders->is_heard)
		orders->is_heard = queue_ask("look", id, &answer) == 0;
	buf_clear(&answer);
}

/* Whether it is there, though the manager has not taken it in yet. */
static bool
is_arriving(int queue, const char *id)
{
	struct queue_entry entry;
	bool there = queue_read(queue, id, false, &entry) == 0;

	queue_entry_clear(&entry);
	return there;
}

/*
 * Takes the lock of ID and reads it, waiting a moment for who has it.  -1 with
 * errno as queue_read().
 */
static int
take(int queue, const char *id, struct queue_entry *entry)
{
	static const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
	int error = 0;

	for (int i = 0; i < PATIENCE; i++) {
		int fd = queue_read(queue, id, true, entry);

		if (fd != -1)
			return fd;
		error = errno;
		if (error != EWOULDBLOCK &&
		    (error != ENOENT || !is_arriving(queue, id)))
			break;
		queue_entry_clear(entry);
		nanosleep(&pause, NULL);
	}
	errno = error == ENOENT && is_arriving(queue, id) ? EWOULDBLOCK : error;
	return -1;
}

static int
say(const char *id, const char *what, int status)
{
	printf("%s\t%s\n", id, what);
	return status;
}

static int
say_trouble(const char *id, int error)
{
	if (error == EWOULDBLOCK)
		return admin_error(EX_TEMPFAIL,
		    "%s: it is being delivered just now; try again", id);
	if (error == EBADMSG)
		return admin_error(EX_DATAERR, "%s: its envelope is damaged",
		    id);
	return EX_TEMPFAIL;
}

static int
carry_out(struct orders *orders, const struct order *order, const char *id)
{
	struct queue_entry entry;
	const char *needless = NULL;
	int fd = take(orders->queue, id, &entry);
	int error = errno;
	int status;

	if (fd == -1 && error == EBADMSG && order->damaged_too) {
		fd = queue_lock(orders->queue, id);
		(void)copy_string(entry.id, sizeof(entry.id), id);
	} else if (fd != -1 && order->needless != NULL) {
		needless = order->needless(&entry);
	}
	if (fd == -1 && error == ENOENT)
		status = QUEUE_ABSENT;
	else if (fd == -1)
		status = say_trouble(id, error);
	else if (needless != NULL)
		status = say(id, needless, EX_OK);
	else if (order->act(orders->queue, fd, &entry) == -1)
		status = EX_TEMPFAIL;
	else
		status = say(id, order->done, EX_OK);
	if (fd != -1)
		close(fd);
	queue_entry_clear(&entry);
	if (status == EX_OK && needless == NULL)
		tell_manager(orders, id);
	return status;
}

/* The worst of all, where some could not be done. */
static int
carry_out_all(struct orders *orders, const struct order *order,
    const struct queue_choice *choice)
{
	struct queue_ids ids;
	int status = EX_OK;
	size_t seen = 0;

	if (queue_choice_find(choice, orders->queue, &ids) == -1)
		status = EX_TEMPFAIL;
	for (size_t i = 0; i < ids.count; i++) {
		int rc = carry_out(orders, order, ids.ids[i]);

		/* What is gone meanwhile was delivered. */
		seen += rc != QUEUE_ABSENT;
		if (rc != EX_OK && rc != QUEUE_ABSENT)
			status = rc;
	}
	printf("%zu message%s\n", seen, seen == 1 ? "" : "s");
	free(ids.ids);
	return status;
}

static bool
read_choice(int argc, char **argv, struct queue_choice *choice)
{
	return queue_choice_read(argc, argv, choice) && !choice->json;
}

static int
run(const struct order *order, int argc, char **argv)
{
	struct queue_choice choice;
	struct orders orders;
	int status;

	if (!read_choice(argc, argv, &choice) || !queue_choice_is_made(&choice))
		return EX_USAGE;
	if (choice.id != NULL && !queue_is_id(choice.id))
		return queue_folder_bad_id(choice.id);
	if (begin(&orders) == -1)
		return EX_TEMPFAIL;
	if (choice.id == NULL)
		status = carry_out_all(&orders, order, &choice);
	else
		status = carry_out(&orders, order, choice.id);
	end(&orders);
	if (choice.id != NULL && status == QUEUE_ABSENT)
		admin_error(status, "%s: not in the queue", choice.id);
	return status;
}

int
queue_order_hold(int argc, char **argv)
{
	static const struct order order = {
		.act = hold,
		.done = "held",
		.needless = needs_no_hold,
	};

	return run(&order, argc, argv);
}

int
queue_order_release(int argc, char **argv)
{
	static const struct order order = {
		.act = release,
		.done = "released, is tried now",
		.needless = needs_no_release,
	};

	return run(&order, argc, argv);
}

int
queue_order_delete(int argc, char **argv)
{
	static const struct order order = {
		.act = delete,
		.done = "deleted",
		.needless = needs_no_delete,
		.damaged_too = true,
	};

	return run(&order, argc, argv);
}

int
queue_order_bounce(int argc, char **argv)
{
	static const struct order order = {
		.act = bounce,
		.done = "goes back to its sender",
		.needless = needs_no_delete,
	};

	return run(&order, argc, argv);
}
