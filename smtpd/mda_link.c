/*
 * mda_link.c - one connection, taken and kept.
 *
 * It is used again for a shorter time than mda lets it be idle, so the two do
 * not meet: what is used again was not about to be closed.  An mda that ends
 * has closed it, which poll() tells, or does so in this moment.
 */
#include "smtpd/mda_link.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "common/conn.h"

enum { KEPT = 500 /* milliseconds; mda: FRONT_END_IDLE */ };

static struct smtp_client client; /* conn NULL: there is none */
static int64_t kept_since;        /* 0: this is its first hand-over */
static int64_t taken_since;

static int64_t
now_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
mda_link_close(void)
{
	/* Nobody waits for the answer to QUIT. */
	if (client.conn != NULL && !client.broken)
		conn_putline(client.conn, "QUIT");
	conn_close(client.conn);
	client.conn = NULL;
}

/* Whether it may be used again; a word that nobody asked for is its last. */
static bool
is_fresh(void)
{
	return client.conn != NULL && !client.broken &&
	    now_milliseconds() - kept_since < KEPT &&
	    conn_is_quiet(client.conn);
}

/* Seconds from now to DEADLINE, 1 at least. */
static int
seconds_to(int64_t deadline)
{
	int64_t left = (deadline - now_milliseconds() + 999) / 1000;

	return left < 1 ? 1 : (int)left;
}

static struct reply
open_link(const struct config *config, int64_t deadline)
{
	int seconds = seconds_to(deadline);
	int fd = smtp_connect(config->lmtp, seconds);
	struct conn *conn;
	struct reply r;

	if (fd == -1)
		return reply(451, "4.4.1 mda is away: %s", strerror(errno));
	conn = conn_open(fd, seconds);
	conn_set_deadline(conn, seconds);
	r = smtp_client_open(&client, conn, true, config->hostname);
	if (!reply_is_ok(&r))
		return reply(451, "4.4.2 mda does not take mail: %d %s", r.code,
		    r.text);
	return r;
}

int64_t
mda_link_deadline(const struct config *config)
{
	return now_milliseconds() + (int64_t)config->lmtp_timeout * 1000;
}

struct smtp_client *
mda_link_take(const struct config *config, int64_t deadline,
    struct reply *fault_out)
{
	if (is_fresh()) {
		taken_since = now_milliseconds();
		conn_set_timeout(client.conn, config->lmtp_timeout);
		conn_set_deadline(client.conn, seconds_to(deadline));
		return &client;
	}
	mda_link_close();
	kept_since = 0;
	*fault_out = open_link(config, deadline);
	if (reply_is_ok(fault_out))
		return &client;
	mda_link_close();
	return NULL;
}

void
mda_link_keep(void)
{
	kept_since = now_milliseconds();
}

bool
mda_link_was_gone(void)
{
	return client.broken && !client.sent && kept_since != 0 &&
	    now_milliseconds() - taken_since < KEPT;
}
