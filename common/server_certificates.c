/*
 * server_certificates.c - the certificates of tls/: loaded, watched, replaced.
 *
 * The master looks once a minute whether the files are still those it loaded;
 * new ones are for the sessions that begin from then on.  What renews them
 * (certbot, lego) writes a certificate and then its key, or the other way
 * round: a pair that does not fit gets a moment before a word is said, and the
 * one that was loaded serves on until it does.
 */
#include "common/server_certificates.h"

#include <string.h>

#include "common/buf.h"
#include "common/log.h"
#include "common/server_master.h"
#include "common/tls.h"

enum {
	DAY = 24 * 60 * 60, /* seconds */
	WARN_DAYS = 30,
	MOMENT_PART = 12, /* of the period: 5 s of a minute */
};

static const char folder[] = "tls";

int certificates_period = 60 * 1000;

static struct tls_context *context;

/* What was loaded, and how the search for something new goes. */
static struct {
	struct tls_stamp stamp;
	bool failing;    /* the files are others, and no good ... */
	bool complained; /* ... for more than a moment */
	int64_t look;    /* milliseconds: when it is time */
	time_t warned;   /* of a certificate that ends */
} watch;

struct tls_context *
server_tls(void)
{
	return context;
}

static bool
needs_tls(const struct server *server, const struct config *config)
{
	for (size_t i = 0; i < config->listener_count; i++)
		for (size_t j = 0; j < server->protocol_count; j++)
			if (config->listeners[i].protocol ==
				server->protocols[j] &&
			    config->listeners[i].tls != TLS_OFF)
				return true;
	return false;
}

int
certificates_load(const struct server *server, const struct config *config,
    struct certificates *out)
{
	memset(out, 0, sizeof(*out));
	if (!needs_tls(server, config))
		return 0;
	/* Before they are read: what comes in between is seen as new. */
	out->stamp = tls_server_stamp(folder);
	out->context = tls_server_context(folder);
	return out->context == NULL ? -1 : 0;
}

/* Said at once and then each day. */
static void
warn_of_end(void)
{
	time_t now = time(NULL);
	time_t left = tls_context_end(context) - now;

	if (left > (time_t)WARN_DAYS * DAY || now - watch.warned < DAY)
		return;
	watch.warned = now;
	log_event(LOG_WARN, "certificate-ends", "days=%d help=%s",
	    left < 0 ? -1 : (int)(left / DAY),
	    log_safe("postlab cert show; postlab cert renew"));
}

void
certificates_use(const struct certificates *certificates)
{
	tls_context_free(context);
	context = certificates->context;
	watch.stamp = certificates->stamp;
	watch.failing = false;
	watch.complained = false;
	watch.warned = 0;
	watch.look = master_now() + certificates_period;
	if (context != NULL)
		warn_of_end();
}

void
certificates_clear(void)
{
	tls_context_free(context);
	context = NULL;
}

int
certificates_tick(int milliseconds)
{
	int64_t left = watch.look - master_now();

	if (context == NULL)
		return milliseconds;
	if (left < 0)
		left = 0;
	return milliseconds == -1 || left < milliseconds ? (int)left
							 : milliseconds;
}

/* They cannot be used: waits a moment, then says so once. */
static void
put_up_with(const struct buf *why)
{
	if (!watch.failing) {
		watch.failing = true;
		watch.look = master_now() + certificates_period / MOMENT_PART;
		return;
	}
	if (watch.complained)
		return;
	watch.complained = true;
	log_event(LOG_ERROR, "certificates-not-loaded", "what=%s why=%s",
	    log_safe("those as before stay in use"), log_safe(why->data));
}

void
certificates_look(struct master *m)
{
	struct certificates next = { .context = NULL };
	struct buf why = BUF_INIT;

	if (context == NULL || master_now() < watch.look)
		return;
	next.stamp = tls_server_stamp(folder);
	watch.look = master_now() + certificates_period;
	warn_of_end();
	if (memcmp(&next.stamp, &watch.stamp, sizeof(next.stamp)) == 0)
		return;
	next.context = tls_server_context_why(folder, &why);
	if (next.context == NULL) {
		put_up_with(&why);
	} else {
		certificates_use(&next);
		pool_retire(m);
		log_event(LOG_INFO, "certificates-loaded", "");
	}
	buf_clear(&why);
}
