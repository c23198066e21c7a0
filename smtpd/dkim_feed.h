/*
 * dkim_feed.h - a stored message as libopendkim wants it: field by field, then
 * the body, with the line ends it has on the wire (data_writer.h).
 */
#ifndef SMTPD_DKIM_FEED_H
#define SMTPD_DKIM_FEED_H

#include <stdbool.h>
#include <stddef.h>

struct dkim;

struct dkim_feed {
	struct dkim *dkim;
	/*
	 * Shown each field, "Name: value" without its last line end; NAME_SIZE
	 * is that of its name.  False when the library shall not have it.  May
	 * be NULL.
	 */
	bool (
	    *look)(void *arg, const char *field, size_t name_size, size_t size);
	void *arg;
};

/*
 * Feeds the message on FD.  0 with *STATUS_OUT what dkim_eoh() or dkim_eom()
 * said, a DKIM_STAT; -1 (logged) when it cannot be read.
 */
int dkim_feed(const struct dkim_feed *feed, int fd, int *status_out);

/* Whether a field's name is NAME, whatever its case. */
bool dkim_field_is(const char *field, size_t name_size, const char *name);

#endif
