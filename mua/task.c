/*
 * task.c - the parent's half of a task: starts it, follows it, ends it.
 *
 * All tasks are in one epoll descriptor, so that the terminal has a single one
 * to wait for besides its keys.
 */
#include "mua/task_private.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"
#include "mua/keys.h"
#include "mua/ui.h"

enum {
	GRACE_SECONDS = 3,    /* between asking and killing */
	RECORDS_AT_ONCE = 500 /* so that keys are read in between */
};

struct running {
	struct running *next;
	struct task_job job;
	char *title;
	pid_t pid;
	int fd;
	struct wire *wire;
	size_t done;
	size_t total;
	char progress[PROGRESS_TEXT];
	char result[RECORD_TEXT + 1];
	time_t asked; /* to stop; 0: not */
	bool ended;   /* it has said all, and was not seen to yet */
	int *status;  /* of who waits for it, or NULL */
};

struct tasks {
	int epoll;
	struct running *first; /* the newest */
};

static struct tasks *
tasks_of(struct ui *ui)
{
	if (ui->tasks == NULL) {
		ui->tasks = xcalloc(1, sizeof(*ui->tasks));
		ui->tasks->epoll = epoll_create1(EPOLL_CLOEXEC);
	}
	return ui->tasks;
}

/* The last word: to done(), or to the last row. */
static void
tell(struct ui *ui, const struct task_job *job, int status, const char *text)
{
	if (job->done != NULL)
		job->done(ui, job->arg, status, text);
	else if (status == 0 && *text != '\0')
		ui_say(ui, "%s", text);
	else if (status != 0)
		ui_complain(ui, "%s", text);
	if (job->free != NULL)
		job->free(job->arg);
}

static pid_t
start(struct tasks *tasks, const struct task_job *job, int *fd_out)
{
	struct epoll_event event = { .events = EPOLLIN };
	int ends[2];
	sigset_t term;
	sigset_t before;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1)
		return -1;
	/* Who is told to stop before it has its handler hears it then. */
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &before);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		task_become(job, ends[1]);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(ends[1]);
	if (pid == -1) {
		close(ends[0]);
		return -1;
	}
	epoll_ctl(tasks->epoll, EPOLL_CTL_ADD, ends[0], &event);
	*fd_out = ends[0];
	return pid;
}

static bool
launch(struct ui *ui, const struct task_job *job, int *status)
{
	struct tasks *tasks = tasks_of(ui);
	struct running *running;
	int fd = -1;
	pid_t pid = start(tasks, job, &fd);

	if (pid == -1) {
		char text[200];

		(void)snprintf(text, sizeof(text), "%s cannot be started: %s",
		    job->title, strerror(errno));
		if (status != NULL)
			*status = TASK_DIED;
		tell(ui, job, TASK_DIED, text);
		return false;
	}
	running = xcalloc(1, sizeof(*running));
	running->next = tasks->first;
	running->job = *job;
	running->title = xstrdup(job->title);
	running->job.title = running->title;
	running->pid = pid;
	running->fd = fd;
	running->status = status;
	running->wire = wire_begin(&ui->wires, job->title);
	tasks->first = running;
	ui->terminal->wake = tasks->epoll;
	return true;
}

static void
take_record(struct ui *ui, struct running *running, const struct record *record)
{
	switch (record->type) {
	case RECORD_PROGRESS:
		running->done = record->done;
		running->total = record->total;
		(void)copy_string(running->progress, sizeof(running->progress),
		    record->text);
		break;
	case RECORD_WIRE:
		wire_add(&ui->wires, running->wire, record->direction,
		    record->at, record->text, record->words);
		break;
	case RECORD_RESULT:
		(void)copy_string(running->result, sizeof(running->result),
		    record->text);
		break;
	}
}

/* The exit status, and a sentence where the child has not left one. */
static int
judge(struct running *running)
{
	int status = 0;

	while (waitpid(running->pid, &status, 0) == -1 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (running->asked != 0) {
		(void)snprintf(running->result, sizeof(running->result),
		    "%s: broken off", running->title);
		return TASK_CANCELLED;
	}
	if (!WIFEXITED(status)) {
		(void)snprintf(running->result, sizeof(running->result),
		    "%s: the process was killed by signal %d", running->title,
		    WTERMSIG(status));
		return TASK_DIED;
	}
	if (*running->result == '\0')
		(void)snprintf(running->result, sizeof(running->result),
		    "%s: it did not work", running->title);
	return WEXITSTATUS(status);
}

static void
finish(struct ui *ui, struct running *running)
{
	struct running **at = &ui->tasks->first;
	int status;

	while (*at != running)
		at = &(*at)->next;
	*at = running->next;
	close(running->fd);
	status = judge(running);
	running->wire->over = true;
	ui->wires.changes++;
	if (running->status != NULL)
		*running->status = status;
	tell(ui, &running->job, status, running->result);
	free(running->title);
	free(running);
}

/* What has come from one of them.  False: it is over. */
static bool
receive(struct ui *ui, struct running *running, bool *any)
{
	struct record record;

	for (int i = 0; i < RECORDS_AT_ONCE; i++) {
		ssize_t n =
		    recv(running->fd, &record, sizeof(record), MSG_DONTWAIT);

		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return true;
		if (n <= 0)
			return false;
		*any = true;
		take_record(ui, running, &record);
	}
	return true;
}

/* Takes the records of all, and sees which have ended. */
static bool
listen_to_all(struct ui *ui)
{
	bool any = false;

	for (struct running *at = ui->tasks->first; at != NULL; at = at->next) {
		if (at->asked != 0 && time(NULL) - at->asked >= GRACE_SECONDS)
			kill(at->pid, SIGKILL);
		if (at->ended || receive(ui, at, &any))
			continue;
		/* Else it would keep the terminal awake. */
		epoll_ctl(ui->tasks->epoll, EPOLL_CTL_DEL, at->fd, NULL);
		at->ended = true;
	}
	return any;
}

static struct running *
find_ended(const struct tasks *tasks)
{
	struct running *at = tasks->first;

	while (at != NULL && !at->ended)
		at = at->next;
	return at;
}

void
tasks_listen(struct ui *ui)
{
	if (ui->tasks != NULL)
		(void)listen_to_all(ui);
}

bool
tasks_poll(struct ui *ui)
{
	struct running *ended;
	bool any;

	if (ui->tasks == NULL)
		return false;
	any = listen_to_all(ui);
	while ((ended = find_ended(ui->tasks)) != NULL) {
		finish(ui, ended);
		any = true;
	}
	return any;
}

static void
ask_to_stop(struct running *running)
{
	kill(running->pid, running->asked == 0 ? SIGTERM : SIGKILL);
	running->asked = time(NULL);
}

bool
task_cancel(struct ui *ui)
{
	if (ui->tasks == NULL || ui->tasks->first == NULL)
		return false;
	ask_to_stop(ui->tasks->first);
	return true;
}

bool
task_start(struct ui *ui, const struct task_job *job)
{
	return launch(ui, job, NULL);
}

/* One turn of waiting: show, and let Ctrl-C through. */
static void
wait_a_turn(struct ui *ui, bool *terminal_is_gone)
{
	struct pollfd ready = { .fd = ui->tasks->epoll, .events = POLLIN };
	int key;

	if (*terminal_is_gone) {
		poll(&ready, 1, 1000);
	} else {
		ui_draw(ui);
		key = ui->terminal->read_key(ui->terminal, 1);
		if (key == K_CANCEL)
			task_cancel(ui);
		*terminal_is_gone = key == K_GONE;
	}
	tasks_poll(ui);
}

int
task_wait(struct ui *ui, const struct task_job *job)
{
	bool gone = false;
	int status = -1;

	launch(ui, job, &status);
	while (status == -1) {
		wait_a_turn(ui, &gone);
		if (gone)
			task_cancel(ui);
	}
	return status;
}

bool
task_is_running(const struct ui *ui, int (*work)(struct task *task, void *arg))
{
	if (ui->tasks == NULL)
		return false;
	for (struct running *at = ui->tasks->first; at != NULL; at = at->next)
		if (work == NULL || at->job.work == work)
			return true;
	return false;
}

void
tasks_describe(const struct ui *ui, struct buf *to)
{
	const struct running *running =
	    ui->tasks == NULL ? NULL : ui->tasks->first;

	if (running == NULL)
		return;
	buf_addstr(to, running->title);
	if (running->asked != 0) {
		buf_addstr(to, ": breaking off");
		return;
	}
	if (running->total > 0)
		buf_printf(to, ": %zu of %zu", running->done, running->total);
	if (*running->progress != '\0')
		buf_printf(to, "%s%s", running->total > 0 ? ", " : ": ",
		    running->progress);
	buf_addstr(to, " (^C breaks off)");
}

void
tasks_end(struct ui *ui)
{
	bool gone = false;

	if (ui->tasks == NULL)
		return;
	for (struct running *at = ui->tasks->first; at != NULL; at = at->next)
		if (!at->job.must_finish)
			ask_to_stop(at);
	while (ui->tasks->first != NULL)
		wait_a_turn(ui, &gone);
	ui->terminal->wake = 0;
	close(ui->tasks->epoll);
	free(ui->tasks);
	ui->tasks = NULL;
}
