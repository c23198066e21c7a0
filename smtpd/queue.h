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
 *   parameters BODY=8BITMIME
 *   peer 127.0.0.1
 *   uid, helo, login, protocol, tls, message-id: likewise
 *   rcpt 0 bob@campus.example local orig=Bob@campus.example
 *   end
 *   result 0 1795313600 452 4.3.1 no space
 *   host 0 mx.far.example
 *   attempt 1 1795313600 next 1795313900
 *
 * What stands before "end" is written once and makes the entry complete;
 * outcomes are appended, each a whole line, by whoever holds the file's flock;
 * the manager replaces it atomically when it grows.
 *
 * Both files begin their life without a name, so nobody ever sees half of one,
 * and get it in queue/incoming, message first.  The commit point is the fsync
 * of that folder.  From there the manager takes them into queue/, where session
 * workers cannot reach.  ID.msg without ID.env was never acknowledged: an hour
 * old, it is removed.
 *
 * INCOMING is everywhere a descriptor of queue/incoming, QUEUE one of queue/,
 * open for reading.
 */
#ifndef SMTPD_QUEUE_H
#define SMTPD_QUEUE_H

#include "common/buf.h"
#include "common/reply.h"
#include "smtpd/patience.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	QUEUE_ID_LENGTH = 14,                /* hexadecimal digits */
	QUEUE_ID_SIZE = 16,                  /* with NUL, and one spare */
	QUEUE_NAME_SIZE = QUEUE_ID_SIZE + 4, /* ID.msg, ID.env, ID.new */
};

/* Below queue/: where sessions put what they have taken. */
#define QUEUE_INCOMING "incoming"

/* A new id: 56 random bits, upper-case hexadecimal. */
void queue_new_id(char id[QUEUE_ID_SIZE]);

/* Whether ID is one; a file name is made of nothing else. */
bool queue_is_id(const char *id);

enum recipient_state { RCPT_PENDING, RCPT_DONE, RCPT_FAILED };

struct queue_recipient {
	char *address;    /* where it goes */
	char *original;   /* as given in RCPT TO; "" when the same */
	char *parameters; /* DSN: "NOTIFY=... ORCPT=...", or "" */
	bool local;
	/*
	 * It is an alias that stands for others of this entry, done from the
	 * beginning; it is here to be reported about.
	 */
	bool expanded;
	enum recipient_state state; /* what LAST means; set by queue_decide */
	struct reply last; /* the last word about it; code 0 before any */
	char *host;        /* who said it; "" when we did, or mda */
	int64_t when;      /* it was said */
	bool fresh;        /* it is not in the file yet */
	unsigned reported; /* bits of enum report_action: told already */
};

/*
 * Begin with QUEUE_ENTRY_INIT or queue_read(); clear with queue_entry_clear().
 * The strings are never NULL and belong to the entry.
 */
struct queue_entry {
	char id[QUEUE_ID_SIZE];
	int64_t arrived;
	int64_t size;     /* octets of ID.msg */
	char *sender;     /* "" for <> */
	char *parameters; /* of MAIL, passed on: "BODY=8BITMIME RET=..." */
	char *peer;
	char *uid; /* of a client on loopback, a number; "" unless known */
	char *helo;
	char *login;
	char *protocol;
	char *tls;        /* tls_describe(), "" without TLS */
	char *message_id; /* message_id.h's, "" where it is not known */
	struct queue_recipient *recipients;
	size_t recipient_count;
	bool held;      /* by the operator, or given up and kept */
	bool withdrawn; /* the client was refused after all: nothing is owed */
	int attempts;
	int64_t next; /* when to try again, seconds since 1970 */
	int appended; /* lines behind "end", when it was read */
};

/* Makes an entry without recipients; the strings are copied. */
struct queue_origin {
	const char *sender, *parameters, *peer, *uid, *helo, *login, *protocol,
	    *tls;
};
void queue_entry_init(struct queue_entry *entry, const char *id,
    const struct queue_origin *origin);

/* Adds a recipient that waits.  Strings are copied. */
struct queue_recipient *queue_entry_add(struct queue_entry *entry,
    const char *address, const char *original);

/* Adds an alias that stands for others, for the report about it. */
struct queue_recipient *queue_entry_add_alias(struct queue_entry *entry,
    const char *address);

/* The text has come: this is the Message-Id in its header. */
void queue_entry_identify(struct queue_entry *entry, const char *message_id);

void queue_entry_clear(struct queue_entry *entry);

/*
 * Makes R the recipient's last word: 2xx done, 5xx failed, 4xx waits on.  The
 * other says whose word it is: HOST, another mail system.
 */
void queue_decide(struct queue_recipient *recipient, const struct reply *r);
void queue_credit(struct queue_recipient *recipient, const char *host);

/* The newest word about a recipient who waits or has failed, or NULL. */
const struct reply *queue_last_word(const struct queue_entry *entry);

/* How many recipients are in STATE. */
size_t queue_count(const struct queue_entry *entry, enum recipient_state state);

/* How many there are, the aliases that stand for them not counted. */
size_t queue_count_people(const struct queue_entry *entry);

/*
 * Counts an attempt and says when the next one is: retry_min after the first,
 * twice as long after each further one, retry_max at most.
 */
void queue_put_off(struct queue_entry *entry, const struct patience *patience);

/*
 * Makes ENTRY durable with the message read from MESSAGE_FD (offset 0 to its
 * end).  A MESSAGE_FD without a name on the same file system gets one, without
 * a copy.  Sets entry->size.  On success returns a descriptor of ID.env with
 * its flock held, for queue_result(); closing it lets the manager have it.
 * -1: logged, and nothing of it will ever be delivered.
 */
int queue_commit(int incoming, struct queue_entry *entry, int message_fd);

/*
 * Takes what was committed out of incoming/ into QUEUE, where nobody but the
 * manager and its children can reach it; a session may still hold its lock.
 * 0; -1 when it is not there, or is not what a session makes (logged, and left
 * alone).  The other takes all that is there.  For the manager alone.
 */
int queue_take_in(int queue, const char *id);
void queue_take_all(int queue);

/*
 * Becomes the one manager of this queue until the descriptor that it returns is
 * closed.  -1: somebody is (errno EWOULDBLOCK), or trouble (logged).
 */
int queue_own(int queue);

/* Writes the envelope of ENTRY to the empty file FD, locks and syncs it. */
int queue_write_envelope(int fd, const struct queue_entry *entry);

/* Appends the outcome for recipient I and makes it durable.  0 or -1. */
int queue_result(int env_fd, size_t i, const struct reply *r);

/*
 * Appends, in one durable step, the last word about every recipient that has
 * one, and the attempt when entry->attempts is not 0.  0 or -1.
 */
int queue_results(int env_fd, const struct queue_entry *entry);

/*
 * Appends what is fresh.  That is durable then, unless everybody has it: both
 * files are about to be removed, and that is not flushed either.  0 or -1.
 */
int queue_settle(int env_fd, struct queue_entry *entry);

/*
 * Appends what is fresh and the attempt, without a flush: should that be lost,
 * it is tried sooner.  0 or -1.
 */
int queue_postpone(int env_fd, struct queue_entry *entry);

/* Appends what the sender was told about each recipient.  0 or -1. */
int queue_told(int env_fd, const struct queue_entry *entry);

/*
 * Strikes the whole entry off: the client is about to be told no, and will
 * keep its message.  Durable.  0 or -1.
 */
int queue_withdraw(int env_fd);

/*
 * The operator's word, durable: nothing more is done with it; or it is tried
 * anew, also for those who have failed.  0 or -1.
 */
int queue_hold(int env_fd);
int queue_release(int env_fd);

/*
 * The same: whoever of ENTRY waits has failed with R, and who has failed stays
 * so; it is held no more.  0 or -1.
 */
int queue_bounce(int env_fd, const struct queue_entry *entry,
    const struct reply *r);

/*
 * Reads ID.env into ENTRY.  With LOCK takes its flock and returns the
 * descriptor: -1 with errno EWOULDBLOCK when somebody has it, ENOENT when it
 * is gone, EBADMSG when it is not complete or no envelope of ours; any other
 * trouble is logged.  Without LOCK returns 0, and looks into incoming/ too.
 * Clear ENTRY in every case.
 */
int queue_read(int queue, const char *id, bool lock,
    struct queue_entry *entry_out);

/*
 * Takes the lock of ID.env, whatever is in it.  A descriptor; -1 with errno as
 * queue_read(), other trouble is logged.
 */
int queue_lock(int queue, const char *id);

/* Opens ID.msg for reading.  -1: logged. */
int queue_open_message(int queue, const char *id);

/*
 * Replaces ID.env atomically and durably by what ENTRY says; the caller holds
 * its flock.  0 or -1.
 */
int queue_update(int queue, const struct queue_entry *entry);

/* Removes both files, the envelope first.  0 or -1. */
int queue_remove(int queue, const char *id);

/*
 * Calls EACH once with the id of every envelope, until it returns other than 0;
 * returns that, or -1 when a folder cannot be read.  The other goes through
 * incoming/ alone.
 */
int queue_scan_incoming(int queue, int (*each)(void *arg, const char *id),
    void *arg);
int queue_scan(int queue, int (*each)(void *arg, const char *id), void *arg);

/*
 * Removes what was never finished and is older than so many SECONDS: ID.msg
 * without ID.env (not acknowledged), ID.new.  What a session is at work on it
 * leaves alone, whatever the clock says.
 */
void queue_clean(int queue, int seconds);

/*
 * A file for what is to enter the queue, without a name where the file system
 * knows such files.  -1: logged.  The second removes those with a name that are
 * older than so many SECONDS, the third those of this file.
 */
int queue_spool_file(int incoming);
void queue_spool_clean(int queue, int seconds);
void queue_spool_forget(int queue, ino_t inode);

/* ID and SUFFIX, ".msg", as a file name.  ID must be one of ours. */
const char *queue_file_name(const char *id, const char *suffix,
    char name[QUEUE_NAME_SIZE]);

/* Whether NAME is ID.env of a well-formed id, which goes to ID. */
bool queue_envelope_name(const char *name, char id[QUEUE_ID_SIZE]);

#endif
