/*
 * transcript_store.h - evidence.sqlite, for the evidence helpers.
 *
 * The tables are in docs/EVIDENCE.md, for people who write SQL.  Several
 * helpers (smtpd's, pop3d's) write to one file: WAL, a busy time-out, short
 * transactions.  A commit does not flush the disk (synchronous=NORMAL): after
 * a power cut the last seconds may be missing, and nothing is damaged.
 *
 * Only between store_begin() and store_commit() is anything written.  When a
 * call fails (-1, logged once until something succeeds again) the caller rolls
 * back.
 */
#ifndef COMMON_TRANSCRIPT_STORE_H
#define COMMON_TRANSCRIPT_STORE_H

#include "common/transcript_wire.h"

#include <stdbool.h>
#include <stddef.h>

struct store;

extern const char store_file[];

/*
 * Opens or makes it; what PROGRAM's sessions left open is closed.  It holds
 * MEBIBYTES at most.  All files it will ever open are open then, so a sandbox
 * may follow.  NULL: logged.
 */
struct store *store_open(const char *program, int mebibytes);
void store_close(struct store *store);

/* Whether the file that is open is still the one with that name. */
bool store_is_current(const struct store *store);

int store_begin(struct store *store);
int store_commit(struct store *store);
void store_rollback(struct store *store);

struct store_session {
	int64_t id;
	uint32_t lines; /* the last line that is stored */
};

/* Who it is about: as in EVIDENCE_SESSION. */
struct store_peer {
	const char *program;
	const char *listener;
	const char *address;
	int64_t worker; /* process id */
};

/* The session with the token in HEAD: a new one, or one that goes on. */
int store_session(struct store *store, const struct evidence_head *head,
    const struct store_peer *peer, struct store_session *session_out);

/* What is known by now; "" leaves what was known before. */
int store_state(struct store *store, int64_t session, const char *helo,
    const char *login, const char *tls);

int store_line(struct store *store, int64_t session,
    const struct evidence_head *head, const char *login, const char *text,
    size_t size);

/* LEFT_OUT bytes of it are not in TEXT. */
struct store_text {
	uint32_t line;
	int64_t left_out;
	const char *text;
	size_t size;
};
int store_text(struct store *store, int64_t session,
    const struct store_text *text);

int store_message(struct store *store, int64_t session,
    const struct evidence_head *head, const char *id);

/* Behind line AFTER so many are missing. */
int store_gap(struct store *store, int64_t session, uint32_t after,
    uint32_t lost);

int store_end(struct store *store, int64_t session, int64_t at,
    const char *outcome);

/*
 * Removes sessions that began before BEFORE (milliseconds since 1970), at most
 * MAX.  How many, or -1.
 */
int store_expire(struct store *store, int64_t before, int max);

#endif
