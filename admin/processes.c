/*
 * processes.c - reads /proc for what belongs to this state folder.
 *
 * A process may be gone between two looks: whatever cannot be read is left
 * out.
 */
#include "admin/processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/daemons.h"
#include "common/buf.h"
#include "common/mem.h"
#include "common/server_pidfile.h"

static const char role_supervisor[] = "supervisor";
static const char role_master[] = "master";

/* Reads the beginning of /proc/PID/FILE; "" when it cannot. */
static void
read_proc(pid_t pid, const char *file, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	text[0] = '\0';
	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return;
	n = read(fd, text, size - 1);
	text[n < 0 ? 0 : n] = '\0';
	close(fd);
}

/* The parent of PID, 0 when it is gone. */
static pid_t
read_parent(pid_t pid)
{
	char text[512];
	const char *at;

	read_proc(pid, "stat", text, sizeof(text));
	/* "PID (name) S PPID ...", and the name may hold anything. */
	at = strrchr(text, ')');
	if (at == NULL || strlen(at) < 5)
		return 0;
	return (pid_t)strtol(at + 4, NULL, 10);
}

void
process_parse_title(const char *title, struct process *process_out)
{
	char *parts[] = { process_out->program, process_out->role,
		process_out->doing };
	char text[PROCESS_TITLE_SIZE];
	char *rest = text;

	memset(process_out, 0, sizeof(*process_out));
	(void)copy_string(text, sizeof(text), title);
	for (size_t i = 0; i < COUNT(parts) && rest != NULL; i++) {
		/* What a process is doing may contain the mark. */
		char *end = i + 1 < COUNT(parts) ? strstr(rest, ": ") : NULL;

		if (end != NULL)
			*end = '\0';
		(void)copy_string(parts[i], PROCESS_TITLE_SIZE, rest);
		rest = end == NULL ? NULL : end + 2;
	}
}

static struct process *
add_process(struct process_list *list, pid_t pid, pid_t parent)
{
	char title[PROCESS_TITLE_SIZE];
	struct process *process;

	list->processes = xrealloc(list->processes,
	    (list->count + 1) * sizeof(*list->processes));
	process = &list->processes[list->count++];
	read_proc(pid, "cmdline", title, sizeof(title));
	process_parse_title(title, process);
	process->pid = pid;
	process->ppid = parent;
	return process;
}

struct family {
	pid_t pid;
	pid_t parent;
};

static int
by_pid(const void *a, const void *b)
{
	pid_t first = ((const struct family *)a)->pid;
	pid_t second = ((const struct family *)b)->pid;

	return (first > second) - (first < second);
}

/* Every process of the machine and its parent, in order; free() it. */
static struct family *
read_families(size_t *count_out)
{
	struct family *families = NULL;
	const struct dirent *entry;
	DIR *proc = opendir("/proc");
	size_t count = 0;

	while (proc != NULL && (entry = readdir(proc)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid <= 0)
			continue;
		families = xrealloc(families, (count + 1) * sizeof(*families));
		families[count].pid = pid;
		families[count++].parent = read_parent(pid);
	}
	if (proc != NULL)
		closedir(proc);
	if (count > 0)
		qsort(families, count, sizeof(*families), by_pid);
	*count_out = count;
	return families;
}

/*
 * Adds the children of PARENT and theirs.  One that was just forked still has
 * its master's title.
 */
static void
add_children(struct process_list *list, const char *program, pid_t parent,
    const struct family *families, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct process *child;

		if (families[i].parent != parent)
			continue;
		child = add_process(list, families[i].pid, parent);
		(void)copy_string(child->program, sizeof(child->program),
		    program);
		if (strcmp(child->role, role_master) == 0)
			(void)copy_string(child->role, sizeof(child->role),
			    "starting");
		add_children(list, program, families[i].pid, families, count);
	}
}

static void
add_master(struct process_list *list, const char *program, const char *role)
{
	pid_t pid = pidfile_read(program);
	struct process *master;

	if (pid == 0)
		return;
	master = add_process(list, pid, read_parent(pid));
	(void)copy_string(master->program, sizeof(master->program), program);
	(void)copy_string(master->role, sizeof(master->role), role);
}

void
processes_list(struct process_list *list_out)
{
	size_t count;
	struct family *families = read_families(&count);

	*list_out = (struct process_list){ 0 };
	add_master(list_out, supervisor_name, role_supervisor);
	for (size_t i = 0; i < DAEMON_COUNT; i++) {
		size_t before = list_out->count;

		add_master(list_out, daemon_names[i], role_master);
		if (list_out->count > before)
			add_children(list_out, daemon_names[i],
			    list_out->processes[before].pid, families, count);
	}
	free(families);
}

void
processes_clear(struct process_list *list)
{
	free(list->processes);
	*list = (struct process_list){ 0 };
}
