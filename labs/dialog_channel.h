/*
 * dialog_channel.h - one connection of a dialog, and the transcript of it.
 */
#ifndef LABS_DIALOG_CHANNEL_H
#define LABS_DIALOG_CHANNEL_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct conn;
struct tls_context;

struct channel {
	char *name;
	struct conn *conn; /* NULL once closed */
	char *line;        /* the last one heard */
	char *said;        /* the last one said, for messages */
	bool greeted;      /* a line was heard */
	bool pop3;         /* as the first one showed */
	bool bad_line;     /* the last one broke the rules for lines */
	bool verbose;
};

/* Connects to ADDRESS: HOST:PORT, [v6]:PORT or unix:PATH.  NULL: *WHY. */
struct channel *channel_open(const char *name, const char *address, int timeout,
    const char **why);

/* Sends what is buffered, closes, frees.  NULL is allowed. */
void channel_close(struct channel *channel);

/* Puts DATA into the output; LINE_END adds CRLF. */
void channel_say(struct channel *channel, const struct buf *data,
    bool line_end);

/* The file as message text, without the final dot.  False: errno. */
bool channel_say_file(struct channel *channel, const char *path);

/*
 * The next line, in channel->line.  False at the end, and when it is no proper
 * line: channel_why().
 */
bool channel_hear(struct channel *channel);

/* Whether the line just heard is the last of its reply. */
bool channel_reply_is_over(const struct channel *channel);

/* Why channel_hear() said false; "closed ..." for an orderly end. */
const char *channel_why(const struct channel *channel);

/* The handshake; VERIFY is the host to verify, or NULL. */
bool channel_start_tls(struct channel *channel, struct tls_context *context,
    const char *verify);

/* Prints bytes so that a terminal is safe, cut at LIMIT. */
void print_safe(FILE *to, const char *data, size_t size, size_t limit);

#endif
