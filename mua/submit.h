/*
 * submit.h - sends what is in an outbox, by SMTP submission (RFC 6409).
 *
 * One connection for all of it: TLS as the account says, a login, then a
 * transaction a letter.  What the server has taken goes to Sent and leaves the
 * outbox; who was refused stays there, with the server's words.
 */
#ifndef MUA_SUBMIT_H
#define MUA_SUBMIT_H

#include "mua/password.h"
#include "mua/task.h"

struct submission {
	const struct account *account;
	struct password password; /* size 0: none was asked for */
	bool has_password;
	char *outbox;  /* Maildirs, paths */
	char *sent;    /* "" for no copies */
	char *only;    /* names of items, a line each; "": all that wait */
	bool doubtful; /* and those that may have been sent already */
	bool forgets;  /* whoever is refused for good does not stay there */
};

/* Takes copies.  ONLY may be ""; more names may be chosen. */
struct submission *submission_new(const struct account *account,
    const char *outbox, const char *only);
void submission_choose(struct submission *submission, const char *name);
void submission_free(void *submission);

/* Whether the account wants a password for sending. */
bool submission_needs_password(const struct account *account);

/*
 * The work of a task: ARG is a struct submission.  Its result tells how many
 * were sent, or why not.  A status of sysexits.h: 0 all is sent; 75 it waits in
 * the outbox; 67 or 69 somebody was refused for good; 73 it
 * was sent, and Sent cannot be written; 77 the login failed; 78
 * the account is wrong; SUBMIT_DOUBTFUL when an answer was lost.
 */
int submit_work(struct task *task, void *arg);

enum { SUBMIT_DOUBTFUL = 79 };

#endif
