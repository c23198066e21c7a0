/*
 * dns_library.c - libunbound's settings.
 *
 * All files are read here: removing a zone finishes the library's context,
 * which opens no file later.  It seeds the numbers of its questions from the
 * kernel for each question, so children of one parent do not use the same.
 */
#include "common/dns_library.h"

#include <stdio.h>
#include <string.h>
#include <unbound-event.h>
#include <unbound.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/config.h"
#include "common/config_form.h"
#include "common/dns_loop.h"
#include "common/log.h"

enum { SERVERS_MAX = 3 /* as resolv.conf(5) */ };

static const struct {
	const char *name;
	const char *value;
} options[] = {
	{ "do-not-query-localhost:", "no" }, /* a resolver of one's own */
	{ "outbound-msg-retry:", "3" },
	{ "infra-cache-max-rtt:", "4000" },
	{ "use-syslog:", "no" },
};

/*
 * The library answers for these itself, that they do not exist; but labs use
 * .test (RFC 2606) and home networks home.arpa (RFC 8375).
 */
static const char *const zones[] = { "test.", "home.arpa." };

static int
complain(const char *what, int error)
{
	return log_failure("libunbound: %s: %s", what, ub_strerror(error));
}

static int
set_options(struct ub_ctx *context)
{
	/* Its own lines are not ours in form. */
	int rc = ub_ctx_debugout(context, NULL);

	for (size_t i = 0; i < COUNT(options) && rc == 0; i++) {
		rc = ub_ctx_set_option(context, options[i].name,
		    options[i].value);
		if (rc != 0)
			return complain(options[i].name, rc);
	}
	return rc == 0 ? 0 : complain("debugout", rc);
}

/* Adds the servers in LIST, blank-separated; returns how many. */
static int
add_servers(struct ub_ctx *context, const char *list)
{
	char server[FORM_WORD_SIZE];
	int count = 0;

	while (count < SERVERS_MAX && form_next_word(&list, server)) {
		int rc = ub_ctx_set_fwd(context, server);

		if (rc == 0)
			count++;
		else
			complain(log_safe(server), rc);
	}
	return count;
}

/* The servers of FILE, which is a resolv.conf(5), blank-separated. */
static void
read_servers(const char *file, struct buf *list)
{
	static const char word[] = "nameserver";
	FILE *from = fopen(file, "re");
	char line[256];

	if (from == NULL) {
		log_errno("open %s", file);
		return;
	}
	while (fgets(line, sizeof(line), from) != NULL) {
		char *at = line + strlen(word);

		if (strncmp(line, word, strlen(word)) != 0 ||
		    strspn(at, " \t") == 0)
			continue;
		at += strspn(at, " \t");
		buf_add(list, at, strcspn(at, " \t\r\n#;"));
		buf_addchar(list, ' ');
	}
	fclose(from);
}

static int
set_servers(struct ub_ctx *context, const struct config *config)
{
	struct buf list = BUF_INIT;
	int count;

	if (*config->dns_resolver != '\0')
		buf_addstr(&list, config->dns_resolver);
	else
		read_servers("/etc/resolv.conf", &list);
	count = add_servers(context, list.data);
	/* resolv.conf(5): without any, the one on this machine. */
	if (count == 0 && *config->dns_resolver == '\0')
		count = add_servers(context, "127.0.0.1");
	buf_clear(&list);
	return count > 0 ? 0 : -1;
}

/* Makes the library check answers, and sees that it will be able to. */
static int
set_trust(struct ub_ctx *context, const char *file)
{
	int rc;

	if (*file == '\0')
		return 0;
	if (access(file, R_OK) == -1)
		return log_errno("open %s", file);
	rc = ub_ctx_add_ta_file(context, file);
	return rc == 0 ? 0 : complain(log_safe(file), rc);
}

/* From here on it opens no file and takes no option. */
static int
finish(struct ub_ctx *context, const char *trust_anchor)
{
	for (size_t i = 0; i < COUNT(zones); i++) {
		int rc = ub_ctx_zone_remove(context, zones[i]);

		if (rc != 0 && *trust_anchor != '\0')
			return log_failure("libunbound cannot start: are there "
					   "DS or DNSKEY records in %s?",
			    log_safe(trust_anchor));
		if (rc != 0)
			return complain("start", rc);
	}
	return 0;
}

struct ub_ctx *
dns_library_open(const struct config *config, struct dns_loop *loop)
{
	struct ub_ctx *context = ub_ctx_create_ub_event(dns_loop_base(loop));

	if (context == NULL) {
		log_failure("libunbound: out of memory or descriptors");
		return NULL;
	}
	if (set_options(context) == -1 || set_servers(context, config) == -1 ||
	    set_trust(context, config->dns_trust_anchor) == -1 ||
	    finish(context, config->dns_trust_anchor) == -1) {
		ub_ctx_delete(context);
		return NULL;
	}
	return context;
}
