/*
 * wire_tap.h - from the bytes on a connection to lines of a dialogue.
 *
 * It follows POP3 or SMTP as far as it takes to know what must not be shown (a
 * password, whatever the mechanism) and what need not (a message, the rest of
 * a long list), and finds the word of explanation that fits (wire_words.h).
 */
#ifndef MUA_WIRE_TAP_H
#define MUA_WIRE_TAP_H

#include "common/transcript_mask.h"
#include "mua/wire.h"

struct conn;

enum { WIRE_PENDING = 64, WIRE_VERB_SIZE = 12, WIRE_LINE_MAX = 500 };

/* Half a line, as far as it has come. */
struct wire_half {
	char text[WIRE_LINE_MAX + 1];
	size_t size;
	size_t length; /* of the whole line, which may be longer */
};

struct wire_tap {
	enum wire_protocol protocol;
	void (*line)(void *arg, enum wire_direction direction, const char *text,
	    const char *words);
	void *arg;

	/* The rest is the tap's own. */
	struct mask mask;
	struct wire_half sent;
	struct wire_half received;
	bool in_auth;    /* lines of ours are responses */
	bool in_message; /* lines are those of a message, or of a list */
	bool is_list;
	bool again;   /* the reply has had a line already */
	size_t lines; /* of that, so far */
	size_t octets;
	/* Commands not answered yet, in their order. */
	struct {
		char verb[WIRE_VERB_SIZE];
		bool multi; /* POP3: a good answer has lines behind it */
	} pending[WIRE_PENDING];
	size_t first;
	size_t count;
};

/*
 * From now on LINE is called for every line on CONN.  TAP must live as long as
 * CONN, or until conn_set_tap(conn, NULL, NULL).
 */
void wire_tap_open(struct wire_tap *tap, enum wire_protocol protocol,
    struct conn *conn,
    void (*line)(void *arg, enum wire_direction direction, const char *text,
	const char *words),
    void *arg);

/* The bytes of one direction, '>' or '<': what conn_set_tap() calls. */
void wire_tap_feed(void *tap, char direction, const char *data, size_t size);

#endif
