/*
 * server_settings.c - what the configuration means to the master.
 *
 * A reload is all or nothing: the new configuration, its certificates and its
 * sockets are made beside the old ones, which stay if any of it fails.
 */
#include <string.h>
#include <sys/resource.h>

#include "common/log.h"
#include "common/server_master.h"
#include "common/server_notify.h"
#include "common/tls.h"

enum { DESCRIPTORS_BESIDE = 64 /* beside one a worker */ };

static const char config_file[] = "postlab.conf";
static struct tls_context *server_context;

struct tls_context *
server_tls(void)
{
	return server_context;
}

static void
apply_log_level(const char *name)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(name, names[i]) == 0)
			log_set_level((enum log_level)i);
}

/* Enough descriptors for a channel a worker. */
static void
raise_descriptor_limit(const struct master *m)
{
	rlim_t wanted = (rlim_t)m->max_workers + DESCRIPTORS_BESIDE;
	struct rlimit limit;

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
	raise_descriptor_limit(m);
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

/* 0 with NULL when no listener of CONFIG has TLS; -1 (logged). */
static int
load_tls(const struct server *server, const struct config *config,
    struct tls_context **context_out)
{
	*context_out = NULL;
	if (!needs_tls(server, config))
		return 0;
	*context_out = tls_server_context("tls");
	return *context_out == NULL ? -1 : 0;
}

int
settings_load_tls(struct master *m)
{
	return load_tls(m->server, m->config, &server_context);
}

void
settings_clear(struct master *m)
{
	tls_context_free(server_context);
	server_context = NULL;
	config_free(m->config);
	m->config = NULL;
}

void
settings_reload(struct master *m)
{
	struct config *config = NULL;
	struct tls_context *context = NULL;
	struct listen_set sockets;
	char why[512];

	notify_send("RELOADING=1");
	master_unwatch_sockets(m);
	config = config_load(config_file, why, sizeof(why));
	if (config == NULL)
		log_failure("%s", why);
	if (config == NULL || load_tls(m->server, config, &context) == -1 ||
	    listen_open(m->server, config, &m->sockets, &sockets) == -1) {
		log_event(LOG_ERROR, "not-reloaded", "what=%s",
		    log_safe("the configuration as before stays in force"));
		tls_context_free(context);
		config_free(config);
		goto out;
	}

	m->sockets = sockets;
	config_free(m->config);
	m->config = config;
	tls_context_free(server_context);
	server_context = context;
	settings_apply(m);
	pool_retire(m);
	helpers_replace(m);
	log_event(LOG_INFO, "reloaded", "");
out:
	master_watch_sockets(m);
	notify_send("READY=1");
}
