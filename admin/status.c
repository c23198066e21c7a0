/*
 * status.c - postlab status: who runs, and what each is doing.
 *
 * Exit status 0 when every daemon runs, 3 otherwise (LSB).  Like down it needs
 * no configuration.  Titles are the processes' own words: they are escaped.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/admin.h"
#include "admin/daemons.h"
#include "admin/json.h"
#include "admin/processes.h"
#include "admin/shell_word.h"
#include "common/buf.h"
#include "common/server_pidfile.h"

enum { STATUS_NOT_RUNNING = 3 };

static void
add_json_process(struct buf *to, const struct process *process)
{
	buf_addstr(to, "{\"program\": ");
	json_string(to, process->program);
	buf_addstr(to, ", \"role\": ");
	json_string(to, process->role);
	buf_printf(to,
	    ", \"pid\": %d, \"ppid\": %d, \"doing\": ", (int)process->pid,
	    (int)process->ppid);
	json_string(to, process->doing);
	buf_addchar(to, '}');
}

/* Daemons of systemd have none either, and need none. */
static bool
has_supervisor(const struct process_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->processes[i].program, supervisor_name) == 0)
			return true;
	return false;
}

static void
print_json(const struct process_list *list)
{
	struct buf text = BUF_INIT;

	buf_addstr(&text, "{\"processes\": [");
	for (size_t i = 0; i < list->count; i++) {
		buf_addstr(&text, i == 0 ? "\n  " : ",\n  ");
		add_json_process(&text, &list->processes[i]);
	}
	buf_printf(&text, "%s], \"supervised\": %s}",
	    list->count == 0 ? "" : "\n",
	    has_supervisor(list) ? "true" : "false");
	puts(text.data);
	buf_clear(&text);
}

static void
print_table(const struct process_list *list)
{
	struct buf role = BUF_INIT;
	struct buf doing = BUF_INIT;

	if (list->count > 0)
		printf("%-8s %-10s %8s  %s\n", "PROGRAM", "ROLE", "PID",
		    "DOING");
	for (size_t i = 0; i < list->count; i++) {
		const struct process *process = &list->processes[i];

		buf_reset(&role);
		buf_reset(&doing);
		admin_field(&role, process->role);
		admin_field(&doing, process->doing);
		printf("%-8s %-10s %8d%s%s\n", process->program, role.data,
		    (int)process->pid, doing.size == 0 ? "" : "  ", doing.data);
	}
	buf_clear(&role);
	buf_clear(&doing);
}

/* Says which daemons are missing.  How many. */
static int
count_missing(const struct process_list *list, bool tell)
{
	int missing = 0;

	for (size_t i = 0; i < DAEMON_COUNT; i++) {
		bool found = false;

		for (size_t j = 0; j < list->count; j++)
			found = found ||
			    strcmp(list->processes[j].program,
				daemon_names[i]) == 0;
		if (found)
			continue;
		missing++;
		if (tell)
			printf("%s does not run\n", daemon_names[i]);
	}
	return missing;
}

static void
tell_lost(void)
{
	char *dir = shell_word(admin_dir());

	printf("no supervisor: unless systemd runs them, nothing restarts a "
	       "daemon that dies and their log goes nowhere; postlab -d %s "
	       "down, then up\n",
	    dir);
	free(dir);
}

int
admin_status(int argc, char **argv)
{
	bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
	struct process_list list;
	int missing;
	int status;

	if (argc != 1 && !json)
		return EX_USAGE;
	status = daemons_enter_folder();
	if (status != EX_OK)
		return status;
	processes_list(&list);
	if (json)
		print_json(&list);
	else
		print_table(&list);
	missing = count_missing(&list, !json);
	if (!json && list.count > 0 && !has_supervisor(&list))
		tell_lost();
	processes_clear(&list);
	return missing == 0 ? EX_OK : STATUS_NOT_RUNNING;
}
