/*
 * pop3_text.h - the message behind RETR's +OK: from the wire's form to ours.
 *
 * Lines end with LF afterwards and stuffed dots are gone (RFC 1939 3).  Only
 * CRLF . CRLF ends it.  Unlike data_reader.h it takes what servers in the wild
 * send: bare CRs and LFs, NULs and lines of any length are the message's own
 * and stay; it was accepted long ago, and refusing it would only hide it.
 */
#ifndef MUA_POP3_TEXT_H
#define MUA_POP3_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { POP3_TEXT_OUT = 16384 };

struct pop3_text {
	int64_t size;  /* octets handed on */
	int64_t lines; /* LFs among them */
	bool done;     /* the end was read */
	bool failed;   /* the sink returned -1: it is not called any more */

	/* Its own. */
	int (*sink)(void *arg, const char *data, size_t size);
	void *arg;
	int state;
	char last; /* octet handed on */
	size_t out_size;
	char out[POP3_TEXT_OUT];
};

/* SINK gets it in pieces; it returns 0, or -1 when it can take no more. */
void pop3_text_init(struct pop3_text *text,
    int (*sink)(void *arg, const char *data, size_t size), void *arg);

/*
 * Takes bytes from the wire.  Returns how many belong to it: all of SIZE, or
 * fewer once the end was among them.
 */
size_t pop3_text_feed(struct pop3_text *text, const char *data, size_t size);

#endif
