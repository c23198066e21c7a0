/*
 * send.c - the outbox, from the screen's side.
 */
#include "mua/send.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "mua/folders.h"
#include "mua/outbox.h"
#include "mua/post.h"
#include "mua/prompt.h"
#include "mua/submit.h"

enum { WHY_SIZE = 600 };

struct send_order {
	struct account *account;
	struct submission *submission;
};

struct send_order *
send_prepare(struct ui *ui, struct account *account)
{
	struct send_order *order;
	struct submission *submission;
	enum password_result result = PASSWORD_GOT;
	char why[WHY_SIZE];
	char *outbox;

	if (account == NULL || *account->smtp.host == '\0') {
		ui_complain(ui,
		    "No account says where to send (smtp_host in mua.conf); P "
		    "keeps a draft");
		return NULL;
	}
	outbox = folders_outbox(account, NULL);
	submission = submission_new(account, outbox, "");
	free(outbox);
	submission->has_password = submission_needs_password(account);
	if (submission->has_password)
		result = password_get(account, &account->smtp, ui,
		    &submission->password, why, sizeof(why));
	if (result == PASSWORD_FAILED)
		ui_complain(ui, "%s", why);
	else if (result == PASSWORD_GIVEN_UP)
		ui_say(ui, "Not sent: without the password it cannot be");
	if (result != PASSWORD_GOT) {
		submission_free(submission);
		return NULL;
	}
	order = xcalloc(1, sizeof(*order));
	order->account = account;
	order->submission = submission;
	return order;
}

void
send_forget(struct send_order *order)
{
	submission_free(order->submission);
	free(order);
}

struct account *
send_account(const struct send_order *order)
{
	return order->account;
}

void
send_choose(struct send_order *order, const char *name)
{
	if (*name != '\0')
		submission_choose(order->submission, name);
}

bool
send_post(struct send_order *order, const struct draft *draft, char *why,
    size_t size)
{
	char name[MAILDIR_NAME_MAX + 1];

	if (!post_letter(draft, order->submission->outbox, name, why, size))
		return false;
	send_choose(order, name);
	return true;
}

bool
send_post_again(struct send_order *order, int fd, const char *from,
    const struct people *people, char *why, size_t size)
{
	char name[MAILDIR_NAME_MAX + 1];

	if (!post_again(fd, from, people, order->submission->outbox, name, why,
		size))
		return false;
	send_choose(order, name);
	return true;
}

static void
done(struct ui *ui, void *arg, int status, const char *text)
{
	struct send_order *order = arg;

	if (status == 0) {
		ui_say(ui, "%s", text);
		return;
	}
	if (status == EX_NOPERM)
		password_was_wrong(order->account, &order->account->smtp);
	ui_complain(ui, "%s (Q: the outbox)", text);
}

static int
work(struct task *task, void *arg)
{
	struct send_order *order = arg;

	return submit_work(task, order->submission);
}

static void
free_order(void *arg)
{
	send_forget(arg);
}

void
send_start(struct ui *ui, struct send_order *order)
{
	struct task_job job = {
		.title = "Sending",
		.work = work,
		.done = done,
		.arg = order,
		.free = free_order,
		.must_finish = true,
	};

	(void)task_start(ui, &job);
}

/* How much lies in the outbox of ACCOUNT. */
static struct outbox_names
look(const struct account *account)
{
	struct outbox_names names = { 0 };
	char *path = folders_outbox(account, NULL);
	struct maildir box;

	if (access(path, F_OK) == 0 &&
	    maildir_look(AT_FDCWD, path, &box) == 0) {
		(void)outbox_list(&box, &names);
		maildir_close(&box);
	}
	free(path);
	return names;
}

static void
ask_for(struct ui *ui, struct account *account)
{
	struct outbox_names names = look(account);
	struct buf question = BUF_INIT;
	struct send_order *order = NULL;
	int answer;

	if (names.waiting > 0) {
		buf_printf(&question,
		    "%zu letter%s of %s wait%s to be sent: now? (y/n) ",
		    names.waiting, names.waiting == 1 ? "" : "s", account->name,
		    names.waiting == 1 ? "s" : "");
		answer = prompt_choice(ui, question.data, "yYnN");
		if (answer == 'y' || answer == 'Y')
			order = send_prepare(ui, account);
		if (order != NULL)
			send_start(ui, order);
	}
	if (names.doubtful > 0)
		ui_complain(ui,
		    "%zu letter%s of %s may have been sent, or not: Q shows",
		    names.doubtful, names.doubtful == 1 ? "" : "s",
		    account->name);
	buf_clear(&question);
	outbox_names_clear(&names);
}

void
send_ask(struct ui *ui)
{
	for (size_t i = 0; ui->accounts != NULL && i < ui->accounts->count; i++)
		ask_for(ui, &ui->accounts->items[i]);
}
