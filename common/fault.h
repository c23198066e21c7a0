/*
 * fault.h - faults that a server makes on purpose, as they are written: the
 * local part of a recipient, or a time table in postlab.conf.
 *
 *   fault = code "." word / ( "timeout" / "close" ) "." place
 *   place = "connect" / "mail" / "rcpt" / "data" / "afterdot"
 *
 * code is a 4xx or 5xx; word is a place or anything else, which means rcpt:
 * 450.busy, 552.afterdot, timeout.data, close.afterdot.
 */
#ifndef COMMON_FAULT_H
#define COMMON_FAULT_H

#include <stdbool.h>

enum fault_place {
	FAULT_CONNECT,  /* instead of the greeting */
	FAULT_MAIL,     /* instead of the reply to MAIL */
	FAULT_RCPT,     /* to RCPT */
	FAULT_DATA,     /* to DATA or the first BDAT */
	FAULT_AFTERDOT, /* behind the message, of which nothing is kept */
	FAULT_PLACES,
};

enum fault_kind {
	FAULT_NONE,
	FAULT_REPLY,   /* code */
	FAULT_TIMEOUT, /* silence, until the client goes */
	FAULT_CLOSE,   /* the end of the connection */
};

struct fault {
	enum fault_kind kind;
	enum fault_place place;
	int code;
};

/* FAULT_NONE when TEXT is none. */
struct fault fault_parse(const char *text);

/* A row of a time table: "60-120 450.busy"; "120- 450.busy" has no end. */
struct fault_time {
	int from; /* seconds since the server began */
	int to;
	struct fault fault;
};

/*
 * Takes the next row of *LIST, rows are separated by commas, and moves *LIST
 * behind it.  False at the end; *WRONG is whether that was no row.
 */
bool fault_next_time(const char **list, struct fault_time *row, bool *wrong);

#endif
