/* trace_hosts_text.c - stories of several hosts, as time went by. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/trace_gap.h"
#include "admin/trace_hosts.h"
#include "admin/trace_text.h"
#include "common/mem.h"

/* A message, and where. */
struct stage {
	const struct trace_host *host;
	const struct trace_message *message;
};

struct journey {
	struct stage *stages;
	size_t count;
};

static void
add_stages(struct journey *journey, const struct trace_host *host)
{
	const struct trace *trace = &host->trace;

	journey->stages = xrealloc(journey->stages,
	    (journey->count + trace->count + 1) * sizeof(journey->stages[0]));
	for (size_t i = 0; i < trace->count; i++)
		if (trace_is_known(&trace->messages[i]))
			journey->stages[journey->count++] =
			    (struct stage){ host, &trace->messages[i] };
}

/* By arrival; of two in one millisecond the host that was named first. */
static int
by_first(const void *a, const void *b)
{
	const struct stage *first = a;
	const struct stage *second = b;

	if (first->message->first != second->message->first)
		return first->message->first < second->message->first ? -1 : 1;
	return first->host < second->host ? -1 : 1;
}

static void
print_host(const char *before, const char *name, const char *after)
{
	struct buf text = BUF_INIT;

	admin_field(&text, name);
	printf("%s%s%s", before, text.data, after);
	buf_clear(&text);
}

/* Who knows nothing, and from when on it has a log. */
static void
print_ignorance(const struct trace_host *host)
{
	const struct log_files *log = &host->trace.log;
	struct buf text = BUF_INIT;

	print_host("\nhost ", host->name, ": nothing is known of it");
	if (log->count > 0) {
		trace_time(log->files[0].begin, &text);
		printf("; its log begins %s", text.data);
		buf_clear(&text);
	} else {
		printf("; it has no log");
	}
	printf("\n");
	for (size_t i = 0; i < log->unread_count; i++)
		print_host("not read (packed, or no right to it): ",
		    log->unread[i], "\n");
}

static bool
is_anything_known(const struct trace *trace)
{
	for (size_t i = 0; i < trace->count; i++)
		if (trace_is_known(&trace->messages[i]))
			return true;
	return false;
}

void
trace_hosts_print(const struct trace_hosts *hosts)
{
	bool list = hosts->hosts[0].trace.wanted == WANTED_ADDRESS;
	struct journey journey = { NULL, 0 };

	for (size_t i = 0; i < hosts->count; i++)
		add_stages(&journey, &hosts->hosts[i]);
	if (journey.count > 1)
		qsort(journey.stages, journey.count, sizeof(journey.stages[0]),
		    by_first);
	for (size_t i = 0; i < journey.count; i++) {
		const struct stage *stage = &journey.stages[i];

		if (list) {
			print_host("", stage->host->name, "  ");
			trace_print_line(stage->message);
			continue;
		}
		print_host(i == 0 ? "host " : "\nhost ", stage->host->name,
		    "\n");
		trace_print_story(stage->message);
	}
	for (size_t i = 0; i < hosts->count; i++)
		if (!is_anything_known(&hosts->hosts[i].trace))
			print_ignorance(&hosts->hosts[i]);
	free(journey.stages);
}
