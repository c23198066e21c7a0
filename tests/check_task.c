/*
 * check_task.c - work beside the screen: what comes back, and how it is ended.
 */
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/conn.h"
#include "mua/keys.h"
#include "mua/task.h"
#include "mua/ui.h"
#include "tests/suites.h"

static struct ui ui;
static const int *typed;
static char last_row[200]; /* as it was last shown */
static char seen[2000];    /* all that was ever in it */

/* Waits for tasks; keys are typed once something has been heard. */
static int
read_key(struct terminal *terminal, int seconds)
{
	struct pollfd ready = { .fd = terminal->wake, .events = POLLIN };

	if (*typed != 0 && ui.wires.count > 0 && ui.wires.items[0]->count > 0)
		return *typed++;
	poll(&ready, 1, seconds * 1000);
	return K_NOTHING;
}

static void
show(struct terminal *terminal, const struct screen_text *screen)
{
	(void)terminal;
	(void)copy_string(last_row, sizeof(last_row),
	    screen->lines[screen->rows - 1].text.data);
	if (strstr(seen, last_row) == NULL &&
	    strlen(seen) + strlen(last_row) < sizeof(seen))
		strcat(seen, last_row);
}

static struct terminal terminal = { .rows = 5,
	.columns = 80,
	.read_key = read_key,
	.show = show };

static int done_status;
static char done_text[200];
static int freed;

static void
done(struct ui *with, void *arg, int status, const char *text)
{
	ck_assert_ptr_eq(with, &ui);
	ck_assert_ptr_eq(arg, &ui);
	done_status = status;
	(void)copy_string(done_text, sizeof(done_text), text);
}

static void
free_arg(void *arg)
{
	ck_assert_ptr_eq(arg, &ui);
	freed++;
}

static int
wait_for(int (*work)(struct task *task, void *arg), const int *keys)
{
	static const int none[] = { 0 };
	struct task_job job = {
		.title = "Working",
		.work = work,
		.done = done,
		.arg = &ui,
		.free = free_arg,
	};

	typed = keys == NULL ? none : keys;
	return task_wait(&ui, &job);
}

static int
work_well(struct task *task, void *arg)
{
	(void)arg;
	task_note(task, "begun");
	for (size_t i = 1; i <= 1000; i++)
		task_progress(task, i, 1000, "%zu bytes", i);
	task_result(task, "all %s", "done");
	return 0;
}

START_TEST(progress_lines_and_result_come_back)
{
	ck_assert_int_eq(wait_for(work_well, NULL), 0);
	ck_assert_int_eq(done_status, 0);
	ck_assert_str_eq(done_text, "all done");
	ck_assert_int_eq(freed, 1);
	ck_assert_ptr_nonnull(strstr(seen, "Working"));
	ck_assert_ptr_nonnull(strstr(seen, "(^C breaks off)"));
	ck_assert_uint_eq(ui.wires.count, 1);
	ck_assert_str_eq(ui.wires.items[0]->title, "Working");
	ck_assert_str_eq(ui.wires.items[0]->items[0].text, "begun");
	ck_assert(ui.wires.items[0]->over);
	ck_assert(!task_is_running(&ui, NULL));
}
END_TEST

static int
work_badly(struct task *task, void *arg)
{
	(void)arg;
	task_result(task, "no %s", "luck");
	return 69;
}

START_TEST(a_failure_has_its_status_and_its_words)
{
	ck_assert_int_eq(wait_for(work_badly, NULL), 69);
	ck_assert_int_eq(done_status, 69);
	ck_assert_str_eq(done_text, "no luck");
}
END_TEST

static int
work_and_die(struct task *task, void *arg)
{
	(void)task;
	(void)arg;
	return raise(SIGKILL);
}

START_TEST(a_task_that_dies_is_a_failure)
{
	ck_assert_int_eq(wait_for(work_and_die, NULL), TASK_DIED);
	ck_assert_str_eq(done_text,
	    "Working: the process was killed by signal 9");
}
END_TEST

/* A server that never says anything. */
static int
work_for_ever(struct task *task, void *arg)
{
	char line[64];
	int ends[2];
	struct conn *conn;

	(void)arg;
	if (pipe(ends) == -1)
		return 1;
	conn = conn_open(ends[0], 600);
	conn_set_stop(conn, task_stop(task));
	task_note(task, "waiting");
	if (conn_getline(conn, line, sizeof(line)) == CONN_END &&
	    *task_stop(task) != 0)
		task_result(task, "it was told to stop");
	return 1;
}

START_TEST(control_c_breaks_it_off)
{
	static const int keys[] = { K_CANCEL, 0 };

	ck_assert_int_eq(wait_for(work_for_ever, keys), TASK_CANCELLED);
	ck_assert_int_eq(done_status, TASK_CANCELLED);
	ck_assert_str_eq(done_text, "Working: broken off");
}
END_TEST

static int
work_deaf(struct task *task, void *arg)
{
	(void)arg;
	task_note(task, "deaf");
	for (int i = 0; i < 6000; i++)
		usleep(10000);
	return 0;
}

START_TEST(control_c_twice_ends_even_who_does_not_listen)
{
	static const int keys[] = { K_CANCEL, K_CANCEL, 0 };

	ck_assert_int_eq(wait_for(work_deaf, keys), TASK_CANCELLED);
}
END_TEST

START_TEST(a_question_hears_tasks_and_ends_none)
{
	static const int none[] = { 0 };
	struct task_job job = {
		.title = "Working",
		.work = work_well,
		.done = done,
		.arg = &ui,
		.free = free_arg,
	};

	typed = none;
	ck_assert(task_start(&ui, &job));
	for (int i = 0; i < 500 && ui.wires.items[0]->count == 0; i++)
		ck_assert_int_eq(ui_read_key(&ui), K_NOTHING);
	ck_assert_str_eq(ui.wires.items[0]->items[0].text, "begun");
	usleep(200000);
	tasks_listen(&ui);
	ck_assert_int_eq(done_status, -1);
	ck_assert(task_is_running(&ui, work_well));
	ck_assert(!task_is_running(&ui, work_badly));
	while (task_is_running(&ui, NULL))
		tasks_poll(&ui);
	ck_assert_int_eq(done_status, 0);
	ck_assert_int_eq(freed, 1);
}
END_TEST

START_TEST(who_leaves_waits_for_what_must_finish_and_for_nothing_else)
{
	static const int none[] = { 0 };
	struct task_job finish = {
		.title = "Sending",
		.work = work_well,
		.done = done,
		.arg = &ui,
		.must_finish = true,
	};
	struct task_job endless = { .title = "Fetching",
		.work = work_for_ever };

	typed = none;
	ck_assert(task_start(&ui, &finish));
	ck_assert(task_start(&ui, &endless));
	tasks_end(&ui);
	ck_assert_int_eq(done_status, 0);
	ck_assert_int_eq(terminal.wake, 0);
}
END_TEST

START_TEST(without_a_screen_the_status_is_the_same)
{
	struct task_job job = {
		.title = "Working",
		.work = work_badly,
		.arg = &ui,
		.free = free_arg,
	};

	ck_assert_int_eq(task_foreground(&job, false), 69);
	ck_assert_int_eq(freed, 1);
}
END_TEST

static void
set_up(void)
{
	ui_init(&ui, &terminal, NULL);
	done_status = -1;
	freed = 0;
	*seen = '\0';
}

static void
tear_down(void)
{
	ui_clear(&ui);
}

Suite *
task_suite(void)
{
	Suite *suite = suite_create("task");
	TCase *tc = tcase_create("task");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, progress_lines_and_result_come_back);
	tcase_add_test(tc, a_failure_has_its_status_and_its_words);
	tcase_add_test(tc, a_task_that_dies_is_a_failure);
	tcase_add_test(tc, control_c_breaks_it_off);
	tcase_add_test(tc, control_c_twice_ends_even_who_does_not_listen);
	tcase_add_test(tc, a_question_hears_tasks_and_ends_none);
	tcase_add_test(tc,
	    who_leaves_waits_for_what_must_finish_and_for_nothing_else);
	tcase_add_test(tc, without_a_screen_the_status_is_the_same);
	suite_add_tcase(suite, tc);
	return suite;
}
