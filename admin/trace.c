/*
 * trace.c - postlab trace: the life of a message on this host, and on others
 * whose logs are given.
 *
 * Exit status 65 when nothing is known of what was asked for: a script must not
 * take that for a message nobody has touched.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <time.h>

#include "admin/admin.h"
#include "admin/trace_gap.h"
#include "admin/trace_hosts.h"
#include "admin/trace_json.h"
#include "admin/trace_text.h"
#include "common/log.h"

enum { LIMIT = 20, LIMIT_MAX = 1000 };

struct request {
	const char *query;
	char *const *others; /* paths of other hosts' logs */
	size_t other_count;
	size_t limit;
	bool json;
};

static bool
read_limit(const char *text, size_t *limit_out)
{
	char *rest;
	unsigned long limit = strtoul(text, &rest, 10);

	*limit_out = (size_t)limit;
	return *text >= '0' && *text <= '9' && *rest == '\0' && limit >= 1 &&
	    limit <= LIMIT_MAX;
}

static bool
read_request(int argc, char **argv, struct request *request_out)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "limit", required_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*request_out = (struct request){ .limit = LIMIT };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'j')
			request_out->json = true;
		else if (option != 'n' ||
		    !read_limit(optarg, &request_out->limit))
			return false;
	}
	if (optind >= argc)
		return false;
	request_out->query = argv[optind];
	request_out->others = argv + optind + 1;
	request_out->other_count = (size_t)(argc - optind - 1);
	return true;
}

/* Nothing is known: says so, and how far anything could be. */
static int
say_unknown(const struct trace *trace)
{
	struct buf text = BUF_INIT;

	admin_field(&text, trace->query);
	buf_addstr(&text,
	    ": nothing is known of it, neither in the log nor in "
	    "a mailbox nor in the queue\n");
	trace_gap(&trace->log, &text);
	fputs(text.data, stderr);
	buf_clear(&text);
	return EX_DATAERR;
}

static bool
is_anything_known(const struct trace_hosts *hosts)
{
	for (size_t i = 0; i < hosts->count; i++) {
		const struct trace *trace = &hosts->hosts[i].trace;

		for (size_t j = 0; j < trace->count; j++)
			if (trace_is_known(&trace->messages[j]))
				return true;
	}
	return false;
}

static int
follow(const struct request *request, struct trace_hosts *hosts)
{
	int status = EX_OK;

	if (!trace_hosts_find(hosts, admin_dir(), request->query,
		request->limit))
		return admin_error(EX_DATAERR,
		    "%s is no queue id, no Message-Id and no address",
		    log_safe(request->query));
	trace_hosts_collect(hosts);
	if (request->json)
		trace_print_json(hosts);
	if (!is_anything_known(hosts))
		status = say_unknown(&hosts->hosts[0].trace);
	else if (!request->json && hosts->count > 1)
		trace_hosts_print(hosts);
	else if (!request->json)
		trace_print(&hosts->hosts[0].trace);
	return status;
}

/* Each file of each log stays open, and there may be one for every day. */
static void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

int
admin_trace(int argc, char **argv)
{
	struct request request;
	struct trace_hosts hosts;
	int status = EX_NOINPUT;

	if (!read_request(argc, argv, &request))
		return EX_USAGE;
	raise_descriptor_limit();
	/* Before the folder is changed, and root given up. */
	if (trace_hosts_open(request.others, request.other_count, &hosts) ==
	    0) {
		admin_enter();
		tzset();
		status = follow(&request, &hosts);
	}
	trace_hosts_clear(&hosts);
	return status;
}
