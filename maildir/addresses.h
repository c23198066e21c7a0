/*
 * addresses.h - the addresses in a header field, and what is odd about them.
 *
 * decode_addresses() makes the best of a field, for a list; this one says what
 * really stands there: RFC 5322 3.4, and where it is not kept.
 */
#ifndef MAILDIR_ADDRESSES_H
#define MAILDIR_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>

/* Strings are one line, UTF-8, harmless for a terminal, never NULL. */
struct mailbox_address {
	char *name;    /* decoded; "" without */
	char *address; /* without <> and comments: "bob@x.example", "u1" */
	char *group;   /* it is a member of, or "" */
};

struct address_remark {
	bool odd; /* against the rules; else an explanation */
	char *text;
};

struct addresses {
	struct mailbox_address *list;
	size_t count;
	struct address_remark *remarks;
	size_t remark_count;
};

/* Reads the VALUE of a field, raw, with its folds. */
void addresses_parse(const char *value, size_t size, struct addresses *out);
void addresses_clear(struct addresses *addresses);

/* Whether ADDRESS is among them; case matters nowhere. */
bool addresses_have(const struct addresses *addresses, const char *address);

/* Whether the field of that NAME holds addresses. */
bool addresses_in_field(const char *name, size_t size);

#endif
