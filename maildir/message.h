/*
 * message.h - what a message says about itself, by GMime.
 *
 * Never fails on a damaged message: what cannot be read is left empty, what
 * cannot be decoded shows one mark per byte.  All strings are UTF-8 and end on
 * a whole character; control characters are kept out (see text_safe).
 */
#ifndef MAILDIR_MESSAGE_H
#define MAILDIR_MESSAGE_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For a list: decoded header fields.  Clear with summary_clear(). */
struct summary {
	char *from; /* decoded, name and address */
	char *to;
	char *subject;
	char *message_id;  /* without <> */
	char *in_reply_to; /* the first one, without <> */
	char *references;  /* blank-separated, without <> */
	int64_t date;    /* of the Date field, seconds since 1970; 0 without */
	int attachments; /* parts with a file name, in the first MiB */
};

/*
 * Once in a process, else it happens at the first use.  Before the fork and
 * before the sandbox is best: it loads character sets from files, and learns
 * the boot id for the index.
 */
void message_library_init(void);

/*
 * For a process that has no GMime: MISSING is called before the first message
 * is looked into, and must not return.
 */
void message_library_missing(void (*missing)(void));

/*
 * Reads the message from FD (from its start, whatever the offset).  0; -1 with
 * errno when its header cannot be read, and then all is "".
 */
int summary_read(int fd, struct summary *summary_out);
void summary_clear(struct summary *summary);

/* One part of the tree, in document order. */
struct part {
	int depth;      /* 0 for the message itself */
	char *type;     /* "text/plain"; text/plain when it could not be read */
	char *charset;  /* as declared, "" without */
	char *encoding; /* "base64", "quoted-printable", "8bit" ..., or "" */
	char *filename; /* decoded, or ""; for display, not safe as a path */
	bool attachment; /* Content-Disposition says so, or it has a name */
	bool multipart;  /* has children; so has a message/rfc822 */
	char *fault;     /* what is wrong with it, sentences, or NULL */
};

struct message;
struct located_part;

/* Takes over FD.  Never NULL. */
struct message *message_open(int fd);
void message_close(struct message *message);

/*
 * The header fields exactly as stored and in order: raw text of the header,
 * each line ending with LF, without the blank line.
 */
const char *message_header(const struct message *message);

/* A header field decoded (RFC 2047), the first of that name; "" without. */
const char *message_field(struct message *message, const char *name);

size_t message_part_count(const struct message *message);
const struct part *message_part(const struct message *message, size_t i);

/*
 * The content of part I: text decoded to UTF-8 (undecodable bytes become
 * U+FFFD, one each) but not yet harmless for a terminal, everything else as
 * bytes, a message/rfc822 whole.  What is damaged is told in the part's fault
 * from then on.
 */
void message_content(struct message *message, size_t i, struct buf *to);

/*
 * Parameter NAME of part I's Content-Type ("format", "protocol"), decoded but
 * not harmless; NULL without.  The caller frees it.
 */
char *message_parameter(const struct message *message, size_t i,
    const char *name);

/* Where part I is (parts.h), and the bytes that is counted in. */
const struct located_part *message_place(const struct message *message,
    size_t i);
const char *message_bytes(const struct message *message, size_t *size_out);

/* The message as stored. */
void message_raw(const struct message *message, struct buf *to);

/*
 * Appends TEXT made harmless for a terminal: control characters (C0, C1, DEL)
 * but tab and newline as U+FFFD or ^X form, bidi controls shown as <U+202E>,
 * broken UTF-8 as U+FFFD, one per byte.
 */
void text_safe(const char *text, size_t size, struct buf *to);

/*
 * Appends TEXT made valid UTF-8 and nothing more: U+FFFD for each byte that is
 * none, and for NUL.  Returns how many.
 */
size_t text_repair(const char *text, size_t size, struct buf *to);

#endif
