/*
 * wire.h - what the mua itself says to servers and hears from them.
 *
 * Each operation (a fetch, a message sent) is one struct wire: its dialogue in
 * order, a line an entry, kept for the wire view (w) and printed by --wire.
 * Lines come from a tap on the connection (wire_tap.h), already without
 * passwords and with messages abbreviated; nothing of them is safe for a
 * terminal yet.
 */
#ifndef MUA_WIRE_H
#define MUA_WIRE_H

#include "common/buf.h"
#include "mua/lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum wire_protocol { WIRE_POP3, WIRE_SMTP };

enum wire_direction {
	WIRE_SENT = 'C',     /* by us, the client */
	WIRE_RECEIVED = 'S', /* by the server */
	WIRE_NOTE = '*',     /* our remark: connecting, TLS, why it ended */
};

struct wire_line {
	enum wire_direction direction;
	int64_t at;  /* milliseconds since the operation began */
	char *text;  /* the line, or our remark */
	char *words; /* what it means, "" for nothing to say */
};

struct wire {
	char *title; /* "Fetching mail of campus" */
	time_t began;
	bool over;
	struct wire_line *items;
	size_t count;
	size_t dropped; /* lines before the first that were too many */
};

/* The last operations, the newest first. */
enum { WIRES_MAX = 12 };
struct wire_log {
	struct wire *items[WIRES_MAX];
	size_t count;
	unsigned long changes; /* goes up with every line */
};

/* A new operation; valid until WIRES_MAX others have begun and it is over. */
struct wire *wire_begin(struct wire_log *log, const char *title);

void wire_add(struct wire_log *log, struct wire *wire,
    enum wire_direction direction, int64_t at, const char *text,
    const char *words);
void wire_log_clear(struct wire_log *log);

/*
 * Appends a line of the dialogue as people read it: time, "C:" or "S:", the
 * text, and below it the explanation, if WORDS.
 */
void wire_show(const struct wire_line *line, bool words, struct lines *lines);

/* Appends an operation: its title, the time, and all its lines. */
void wire_show_all(const struct wire *wire, bool words, struct lines *lines);

#endif
