/*
 * main.c - smtpd: which listeners, which helpers, which rights.
 *
 * The session is in session.c, the queue manager in manager.c, the skeleton
 * around both in common/server.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "common/auth_helper.h"
#include "common/auth_probe.h"
#include "common/db.h"
#include "common/dkim_store.h"
#include "common/explain.h"
#include "common/log.h"
#include "common/server.h"
#include "common/transcript_helper.h"
#include "smtpd/faults.h"
#include "smtpd/judge.h"
#include "smtpd/manager.h"
#include "smtpd/modes.h"
#include "smtpd/rights.h"
#include "smtpd/session.h"
#include "smtpd/sign.h"

static struct service service;

static void
limits(const struct config *config, int *max_workers, int *spare_workers,
    int *per_address)
{
	*max_workers = config->smtpd_workers;
	*spare_workers = config->smtpd_spare;
	*per_address = config->smtpd_per_address;
}

static void
prepare(const struct config *config)
{
	static const char *const folders[] = { "queue", "queue/incoming",
		"queue/incoming/spool", DKIM_STORE };

	(void)config;
	auth_probe();
	db_library_init();
	faults_start();
	/* The time zone's file is out of reach in the sandbox. */
	tzset();
	for (size_t i = 0; i < COUNT(folders); i++)
		if (mkdir(folders[i], 0700) == -1 && errno != EEXIST)
			log_errno("make %s", folders[i]);
}

static void
worker_init(const struct config *config)
{
	service.config = config;
	service.directory = NULL;
	service.incoming =
	    open("queue/incoming", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (service.incoming == -1)
		log_errno("open queue/incoming");
}

static enum served
serve(struct conn *conn, const struct listener *listener,
    const struct peer *peer)
{
	return smtp_session(&service, conn, listener, peer);
}

static int
run_evidence(const struct config *config, int channel)
{
	return transcript_helper_run(config, channel, "smtpd");
}

static bool
is_recording(const struct config *config)
{
	return config_records(config, PROTO_MTA) ||
	    config_records(config, PROTO_MSA);
}

static int
run_auth(const struct config *config, int channel)
{
	return auth_helper_run(config, channel, "smtpd", false);
}

/* A session talks and delivers locally; helpers do all that takes these. */
static const char *const unneeded[] = {
	"libunbound.",
	"libresolv.",
	"libopendkim.",
	"libopendmarc.",
	"libspf2.",
	"libpsl.",
	"libsasl2.",
	"libseccomp.",
	NULL,
};

static int
run_server(int argc, char **argv)
{
	static const struct helper helpers[] = {
		{ "auth", run_auth, NULL },
		{ "queue", manager_run, NULL },
		{ "judge", judge_helper_run, judge_is_wanted },
		{ "sign", sign_helper_run, NULL },
		{ "evidence", run_evidence, is_recording },
	};
	struct config *config = server_options(argc, argv, "smtpd");
	const struct sandbox rights = rights_of_worker(config);
	char *busy_reply = xasprintf(
	    "421 4.3.2 %s Error: too many sessions, try again later\r\n",
	    config->hostname);
	struct server server = {
		.program = "smtpd",
		.protocols = { PROTO_MTA, PROTO_MSA },
		.protocol_count = 2,
		.sandbox = &rights,
		.helpers = helpers,
		.helper_count = COUNT(helpers),
		.busy_reply = busy_reply,
		.unneeded = unneeded,
		.limits = limits,
		.prepare = prepare,
		.configure = explain_configure,
		.worker_init = worker_init,
		.serve = serve,
	};
	int status;

	status = server_main(&server, config);
	free(busy_reply);
	return status;
}

int
main(int argc, char **argv)
{
	/* A word in front is not the server's but a question about it. */
	return argc > 1 && *argv[1] != '-' ? modes_run(argc, argv)
					   : run_server(argc, argv);
}
