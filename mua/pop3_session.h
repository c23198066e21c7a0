/*
 * pop3_session.h - from an account to a session that is logged in.
 */
#ifndef MUA_POP3_SESSION_H
#define MUA_POP3_SESSION_H

#include "mua/dial.h"
#include "mua/password.h"
#include "mua/pop3_client.h"

struct pop3_session {
	struct dial dial;
	struct pop3_client client;
};

/*
 * Connects to the account's POP3 server, begins TLS as the account says, and
 * logs in.  0, or -1 with a sentence and a status in session->dial: EX_NOPERM
 * when the password was refused.  pop3_session_close() is due in either case.
 */
int pop3_session_open(struct pop3_session *session, struct task *task,
    const struct account *account, const struct password *password);

/*
 * QUIT and its answer, which is when what is marked goes.  0, or -1 with a
 * sentence.
 */
int pop3_session_quit(struct pop3_session *session);

/*
 * Turns an ANSWER that is not POP3_YES into a sentence, DOING what: "listing
 * the messages".  -1; 0 when it is POP3_YES.
 */
int pop3_session_check(struct pop3_session *session, enum pop3_answer answer,
    const char *doing);

void pop3_session_close(struct pop3_session *session);

#endif
