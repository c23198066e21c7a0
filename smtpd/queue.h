/*
 * queue.h - the queue on disk: what must be delivered later.
 *
 * Two files a message in queue/: ID.msg, the message with LF line ends, never
 * changed; ID.env, a small text a person can read (docs/QUEUE.md):
 *
 *   postlab-queue 1
 *   id 3F2A9C01B7D4E5
 *   arrived 1795313597
 *   size 1201
 *   sender alice@campus.example
 *   peer 127.0.0.1  helo, login, protocol, body, ret, envid ...
 *   rcpt 0 bob@campus.example orig=... notify=...
 *   end
 *   result 0 1795313597 250 2.0.0 Ok
 *   attempt 1795313700 next 1795314000
 *
 * What stands before "end" is written once and makes the entry complete;
 * outcomes are appended, each a whole line, by whoever holds the file's flock;
 * the manager replaces it atomically when it grows.  The commit point is the
 * fsync of queue/ after both files were synced and linked (message first).
 *
 * ID.msg without ID.env is unfinished and removed by the manager.
 */
#ifndef SMTPD_QUEUE_H
#define SMTPD_QUEUE_H

#include "common/buf.h"
#include "common/reply.h"

#include <stdbool.h>
#include <stdint.h>

enum { QUEUE_ID_SIZE = 16 /* 14 hexadecimal digits and NUL, one spare */ };

/* A new id: 56 random bits, upper-case hexadecimal. */
void queue_new_id(char id[QUEUE_ID_SIZE]);

enum recipient_state { RCPT_PENDING, RCPT_DONE, RCPT_FAILED };

struct queue_recipient {
	char *address;    /* where it goes */
	char *original;   /* as given in RCPT TO; "" when the same */
	char *parameters; /* DSN: "NOTIFY=... ORCPT=...", or "" */
	bool local;
	enum recipient_state state;
	struct reply last; /* the last word about it; code 0 before any */
};

/* Clear with queue_entry_clear(). */
struct queue_entry {
	char id[QUEUE_ID_SIZE];
	int64_t arrived;
	int64_t size;     /* octets of ID.msg */
	char *sender;     /* "" for <> */
	char *parameters; /* of MAIL, passed on: "BODY=8BITMIME RET=..." */
	char *peer;
	char *helo;
	char *login;
	char *protocol;
	struct queue_recipient *recipients;
	size_t recipient_count;
	bool held;        /* by the operator, or given up and kept */
	int attempts;
	int64_t next;     /* when to try again, seconds since 1970 */
};

/*
 * Makes ENTRY durable with the message read from MESSAGE_FD (offset 0 to its
 * end).  QUEUE is a descriptor of queue/.  On success returns a descriptor of
 * ID.env with its flock held, for queue_result(); closing it lets the manager
 * have it.  -1: logged, and nothing of it is left behind.
 */
int queue_commit(
    int queue, const struct queue_entry *entry, int message_fd);

/* Appends the outcome for recipient I and makes it durable.  0 or -1. */
int queue_result(int env_fd, size_t i, const struct reply *r);

/*
 * Reads ID.env into ENTRY.  With LOCK takes its flock and returns the
 * descriptor: -1 with errno EWOULDBLOCK when somebody has it, EBADMSG when it
 * is not complete.  Without LOCK returns 0.
 */
int queue_read(int queue, const char *id, bool lock,
    struct queue_entry *entry_out);

/* Replaces ID.env atomically and durably by what ENTRY says.  0 or -1. */
int queue_update(int queue, const struct queue_entry *entry);

/* Removes both files, the envelope first.  0 or -1. */
int queue_remove(int queue, const char *id);

/* Calls EACH with the id of every envelope. */
int queue_scan(int queue, int (*each)(void *arg, const char *id), void *arg);

void queue_entry_clear(struct queue_entry *entry);

#endif
