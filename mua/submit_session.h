/*
 * submit_session.h - a connection on which letters can be sent.
 */
#ifndef MUA_SUBMIT_SESSION_H
#define MUA_SUBMIT_SESSION_H

#include "common/smtp_client.h"
#include "mua/dial.h"

struct submission;

struct submit_session {
	struct dial dial;
	struct smtp_client client;
};

/*
 * Connects, secures and logs in as SUBMISSION's account says.  0; -1 with
 * session->dial.why and .status.  Close it in either case.
 */
int submit_session_open(struct submit_session *session, struct task *task,
    const struct submission *submission);
void submit_session_close(struct submit_session *session);

#endif
