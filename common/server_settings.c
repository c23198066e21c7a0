/*
 * server_settings.c - what the configuration means to the master.
 *
 * A reload is all or nothing: the new configuration, its certificates and its
 * sockets are made beside the old ones, which stay if any of it fails.
 */
#include <string.h>
#include <sys/resource.h>

#include "common/log.h"
#include "common/server_certificates.h"
#include "common/server_master.h"
#include "common/server_notify.h"

enum { DESCRIPTORS_BESIDE = 64 /* beside those for workers */ };

static const char config_file[] = "postlab.conf";

static void
apply_log_level(const char *name)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(name, names[i]) == 0)
			log_set_level((enum log_level)i);
}

/*
 * Enough descriptors: a channel for each worker and each grant, and a pidfd for
 * a zygote's workers, as many again of whom may be about to end.
 */
static void
raise_descriptor_limit(const struct master *m)
{
	rlim_t each = 1;
	rlim_t wanted;
	struct rlimit limit;

	each += m->server->serve_grant != NULL ? 1 : 0;
	each += m->server->zygote ? 2 : 0;
	wanted = each * (rlim_t)m->max_workers + DESCRIPTORS_BESIDE;
	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	if (limit.rlim_cur < wanted) {
		limit.rlim_cur =
		    wanted < limit.rlim_max ? wanted : limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (limit.rlim_cur < wanted)
		log_event(LOG_WARN, "few-descriptors", "limit=%d workers=%d",
		    (int)limit.rlim_cur, m->max_workers);
}

void
settings_apply(struct master *m)
{
	apply_log_level(m->config->log_level);
	m->server->limits(m->config, &m->max_workers, &m->spare,
	    &m->per_address);
	if (m->server->configure != NULL)
		m->server->configure(m->config);
	raise_descriptor_limit(m);
}

int
settings_load_tls(struct master *m)
{
	struct certificates certificates;

	if (certificates_load(m->server, m->config, &certificates) == -1)
		return -1;
	certificates_use(&certificates);
	return 0;
}

void
settings_clear(struct master *m)
{
	certificates_clear();
	config_free(m->config);
	m->config = NULL;
}

void
settings_reload(struct master *m)
{
	struct config *config = NULL;
	struct certificates certificates = { .context = NULL };
	struct listen_set sockets;
	char why[512];

	notify_send("RELOADING=1");
	master_unwatch_sockets(m);
	config = config_load(config_file, why, sizeof(why));
	if (config == NULL)
		log_failure("%s", why);
	if (config == NULL ||
	    certificates_load(m->server, config, &certificates) == -1 ||
	    listen_open(m->server, config, &m->sockets, &sockets) == -1) {
		log_event(LOG_ERROR, "not-reloaded", "what=%s",
		    log_safe("the configuration as before stays in force"));
		tls_context_free(certificates.context);
		config_free(config);
		goto out;
	}

	m->sockets = sockets;
	config_free(m->config);
	m->config = config;
	certificates_use(&certificates);
	settings_apply(m);
	pool_retire(m);
	helpers_replace(m);
	log_event(LOG_INFO, "reloaded", "");
out:
	master_watch_sockets(m);
	notify_send("READY=1");
}
