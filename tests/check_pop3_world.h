/*
 * check_pop3_world.h - the Maildir box/ in a folder of its own, and sessions.
 */
#ifndef TESTS_CHECK_POP3_WORLD_H
#define TESTS_CHECK_POP3_WORLD_H

#include <stddef.h>

struct buf;

/* As a listener has them. */
extern const char pop3_capabilities[];

/* With the two messages of worksheet 27, of 120 and 500 octets on the wire. */
void pop3_set_up(void);

/* Into PART, new or cur. */
void pop3_put_message(const char *part, const char *name, const char *data,
    size_t size);

/* A message of so many OCTETS on the wire. */
void pop3_put_sized(const char *part, const char *name, size_t octets);

int pop3_count_messages(void);

/* A session on the Maildir with the client at FD.  An exit status. */
int pop3_serve_box(int fd);

/* Sends CLIENT as one burst, and closes; what the server said is in SERVER. */
void pop3_talk(const char *client, struct buf *server);

#endif
