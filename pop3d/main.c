/*
 * main.c - pop3d: hands mailboxes to their owners.
 *
 *	pop3d [-d DIR]
 *
 * A client's way: front.c (greeting), login.c (who is it?), the auth helper
 * (common/auth_helper.c), which asks the master for a process with the rights
 * of this login, mailbox.c (that process), transaction.c and retrieve.c.
 */
#include "common/auth_helper.h"
#include "common/auth_probe.h"
#include "common/explain.h"
#include "common/server.h"
#include "common/transcript_helper.h"
#include "pop3d/front.h"
#include "pop3d/mailbox.h"

enum { KEPT = 5000 }; /* milliseconds: a mailbox waits for its owner */

/* In a worker; belongs to the skeleton. */
static const struct config *worker_config;

static void
limits(const struct config *config, int *max_workers, int *spare_workers,
    int *per_address)
{
	*max_workers = config->pop3d_workers;
	*spare_workers = config->pop3d_spare;
	*per_address = config->pop3d_per_address;
}

static void
prepare(const struct config *config)
{
	(void)config;
	auth_probe();
	mailbox_prepare();
}

static void
worker_init(const struct config *config)
{
	worker_config = config;
}

static enum served
serve(struct conn *conn, const struct listener *listener,
    const struct peer *peer)
{
	return front_serve(worker_config, conn, listener, peer);
}

static int
run_evidence(const struct config *config, int channel)
{
	return transcript_helper_run(config, channel, "pop3d");
}

static bool
is_recording(const struct config *config)
{
	return config_records(config, PROTO_POP3);
}

static int
run_auth(const struct config *config, int channel)
{
	return auth_helper_run(config, channel, "pop3d", true);
}

static const struct helper helpers[] = {
	{ "auth", run_auth, NULL },
	{ "evidence", run_evidence, is_recording },
};

/* A mailbox needs the index, and GMime only sometimes; a front TLS alone. */
static const char *const unneeded[] = {
	"libgmime-",
	"libgobject-",
	"libglib-",
	"libsasl2.",
	"libseccomp.",
	NULL,
};

static const char *const unneeded_by_fronts[] = {
	"libsqlite3.",
	"libidn2.",
	"libunistring.",
	"libffi.",
	NULL,
};

static const struct server server = {
	.program = "pop3d",
	.protocols = { PROTO_POP3 },
	.protocol_count = 1,
	.sandbox = &front_sandbox,
	.zygote = true,
	.helpers = helpers,
	.helper_count = COUNT(helpers),
	.busy_reply =
	    "-ERR [SYS/TEMP] too many connections, try again later\r\n",
	.unneeded = unneeded,
	.unneeded_by_workers = unneeded_by_fronts,
	.limits = limits,
	.prepare = prepare,
	.configure = explain_configure,
	.worker_init = worker_init,
	.serve = serve,
	.serve_grant = mailbox_serve,
	.grant_kept = KEPT,
};

int
main(int argc, char **argv)
{
	return server_main(&server, server_options(argc, argv, server.program));
}
