/*
 * commands.h - the handlers of the command table, and what they share.
 *
 * Each takes the session and the text behind the keyword ("" without), and
 * returns the reply; session.c has checked that the state allows it.
 */
#ifndef POP3D_COMMANDS_H
#define POP3D_COMMANDS_H

#include "pop3d/session.h"

/* login.c: before the login. */
struct reply pop3_user(struct session *session, char *argument);
struct reply pop3_pass(struct session *session, char *argument);
struct reply pop3_auth(struct session *session, char *argument);
struct reply pop3_apop(struct session *session, char *argument);
struct reply pop3_stls(struct session *session, char *argument);

/* language.c: UTF8 before it, LANG in both states. */
struct reply pop3_utf8(struct session *session, char *argument);
struct reply pop3_lang(struct session *session, char *argument);

/* capa.c: in both states. */
struct reply pop3_capa(struct session *session, char *argument);

/* transaction.c: after it; QUIT also before. */
struct reply pop3_stat(struct session *session, char *argument);
struct reply pop3_list(struct session *session, char *argument);
struct reply pop3_uidl(struct session *session, char *argument);
struct reply pop3_dele(struct session *session, char *argument);
struct reply pop3_rset(struct session *session, char *argument);
struct reply pop3_noop(struct session *session, char *argument);
struct reply pop3_quit(struct session *session, char *argument);

/* retrieve.c: the messages themselves. */
struct reply pop3_retr(struct session *session, char *argument);
struct reply pop3_top(struct session *session, char *argument);

/*
 * Takes the number at *CURSOR, 1*DIGIT and then blanks or the end, and moves
 * *CURSOR behind it.  False when it is none, or over INT32_MAX.
 */
bool argument_number(const char **cursor, int32_t *number_out);

/*
 * Takes a message number and finds the message, which is not deleted: its
 * index.  -1 with the refusal in *REFUSAL, USAGE in it when there is no number.
 */
int argument_message(struct session *session, const char **cursor,
    const char *usage, struct reply *refusal);

#endif
