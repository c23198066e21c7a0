/*
 * lmtp.h - one LMTP session, RFC 2033: SMTP whose DATA is answered once for
 * each recipient, so that nothing needs to be queued here.
 *
 * The client is smtpd, or another front end of the site; whoever may connect
 * is trusted with the envelope and with XFORWARD.
 */
#ifndef MDA_LMTP_H
#define MDA_LMTP_H

struct config;
struct conn;

/* Talks with the client of CONN until it leaves. */
void lmtp_session(struct conn *conn, const struct config *config);

#endif
