/*
 * pop3_client.h - the client side of POP3, straight-line (RFC 1939, 2449,
 * 2595, 5034, 6856).
 *
 * Each step sends and waits.  What the server says no to is POP3_NO with its
 * words in client->text; a connection that broke, or a peer that answers with
 * something that is no answer, is POP3_BROKEN, and then nothing more can be
 * said.  Whatever the peer sends is bounded in lines, octets and time.
 */
#ifndef MUA_POP3_CLIENT_H
#define MUA_POP3_CLIENT_H

#include "common/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct auth_login;
struct conn;
struct pop3_text;

enum pop3_answer { POP3_YES, POP3_NO, POP3_BROKEN };

enum pop3_capability {
	POP3_CAN_CAPA = 1 << 0, /* it knows CAPA at all */
	POP3_CAN_STLS = 1 << 1,
	POP3_CAN_USER = 1 << 2,
	POP3_CAN_UIDL = 1 << 3,
	POP3_CAN_TOP = 1 << 4,
	POP3_CAN_PIPELINE = 1 << 5,
	POP3_CAN_UTF8 = 1 << 6,
	POP3_CAN_LANG = 1 << 7,
};

enum {
	POP3_TEXT_MAX = 512, /* RFC 2449 4: a reply's line */
	POP3_UID_MAX = 255,  /* RFC 1939 7 says 70 */
	POP3_MESSAGES_MAX = 2000000,
};

struct pop3_client {
	struct conn *conn;
	unsigned can;             /* enum pop3_capability */
	char sasl[256];           /* mechanisms, blank-separated */
	char stamp[256];          /* "<...>" of the greeting: APOP; or "" */
	char server[128];         /* IMPLEMENTATION, or "" */
	char text[POP3_TEXT_MAX]; /* of the last answer, behind its code */
	char code[32];            /* "IN-USE", "SYS/TEMP" (RFC 2449 8) or "" */
};

/* Reads the greeting and asks CAPA.  CONN stays the caller's. */
enum pop3_answer pop3_open(struct pop3_client *client, struct conn *conn);

/* CAPA: what it can do now; again after STLS and the login. */
enum pop3_answer pop3_ask_capabilities(struct pop3_client *client);

/* One command and its one line of answer. */
enum pop3_answer pop3_command(struct pop3_client *client, const char *fmt, ...)
    PRINTF(2, 3);

/* The parts of it, for pipelining: the answers come in order. */
void pop3_send(struct pop3_client *client, const char *fmt, ...) PRINTF(2, 3);
enum pop3_answer pop3_answer(struct pop3_client *client);

/*
 * The next line of a multi-line answer, with its dot unstuffed, in LINE:
 * POP3_YES; POP3_NO at its end.
 */
enum pop3_answer pop3_line(struct pop3_client *client, char *line, size_t size);

/*
 * Logs in.  ALLOWED: the ways that may be used ("CRAM-MD5 APOP USER"), "" for
 * all.  Of these the strongest that the server offers: SASL by common/
 * auth_client.h (auth_client_prepare() came before), without TLS APOP before a
 * password in clear, then USER and PASS, else APOP.  POP3_NO with text "" when
 * no way fits.
 */
enum pop3_answer pop3_login(struct pop3_client *client, const char *host,
    const struct auth_login *login, const char *allowed);

/*
 * The message that follows RETR's answer, through TEXT; at most LIMIT octets.
 * POP3_NO when there are more: the connection is of no use then.
 */
enum pop3_answer pop3_message(struct pop3_client *client,
    struct pop3_text *text, int64_t limit);

#endif
