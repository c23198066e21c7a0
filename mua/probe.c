/*
 * probe.c - connects, begins TLS, logs in and leaves; changes nothing.
 *
 * Each server gets one sentence: what works, or the first thing that does not
 * and which setting to look at.
 */
#include "mua/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/auth_client.h"
#include "common/conn.h"
#include "common/tls.h"
#include "mua/password.h"
#include "mua/pop3_session.h"
#include "mua/submit.h"
#include "mua/submit_session.h"
#include "mua/task.h"
#include "mua/text_view.h"

struct probe {
	struct account *account; /* the caller's */
	struct password pop3;
	struct password smtp;
};

/* "encrypted (TLS1.3)" */
static const char *
how_secret(const struct conn *conn)
{
	static char text[64];
	const char *tls = tls_describe(conn);

	if (tls == NULL)
		return "in clear";
	(void)snprintf(text, sizeof(text), "encrypted (%.*s)",
	    (int)strcspn(tls, " "), tls);
	return text;
}

static int
try_pop3(struct task *task, const struct probe *probe, struct buf *to)
{
	struct pop3_session session;
	int status = EX_OK;

	task_progress(task, 0, 0, "the POP3 server");
	if (pop3_session_open(&session, task, probe->account, &probe->pop3) ==
		0 &&
	    pop3_session_check(&session, pop3_command(&session.client, "STAT"),
		"counting") == 0) {
		long count = strtol(session.client.text, NULL, 10);

		buf_printf(to,
		    "POP3 works: %s, %s, logged in as %s, %ld message%s.\n",
		    session.dial.host->host, how_secret(session.dial.conn),
		    account_login(probe->account, session.dial.host), count,
		    count == 1 ? "" : "s");
		(void)pop3_session_quit(&session);
	} else {
		buf_printf(to, "POP3 does not work.  %s.\n", session.dial.why);
		status = session.dial.status;
	}
	pop3_session_close(&session);
	return status;
}

static int
try_smtp(struct task *task, const struct probe *probe, struct buf *to)
{
	const struct account *account = probe->account;
	const struct submission submission = {
		.account = account,
		.password = probe->smtp,
		.has_password = submission_needs_password(account),
	};
	struct submit_session session;
	int status = EX_OK;

	task_progress(task, 0, 0, "the SMTP server");
	if (submit_session_open(&session, task, &submission) == 0) {
		buf_printf(to, "SMTP works: %s, %s, %s%s.\n",
		    account->smtp.host, how_secret(session.dial.conn),
		    submission.has_password ? "logged in as " : "no login",
		    submission.has_password
			? account_login(account, &account->smtp)
			: "");
	} else {
		buf_printf(to, "SMTP does not work.  %s.\n", session.dial.why);
		status = session.dial.status;
	}
	submit_session_close(&session);
	return status;
}

static int
work(struct task *task, void *arg)
{
	const struct probe *probe = arg;
	struct buf text = BUF_INIT;
	int pop3 = EX_OK;
	int smtp = EX_OK;

	if (auth_client_prepare() == -1)
		return EX_SOFTWARE;
	if (*probe->account->pop3.host != '\0')
		pop3 = try_pop3(task, probe, &text);
	if (*probe->account->smtp.host != '\0')
		smtp = try_smtp(task, probe, &text);
	task_result(task, "%s", text.data);
	buf_clear(&text);
	if (pop3 == EX_NOPERM || smtp == EX_NOPERM)
		return EX_NOPERM;
	return pop3 != EX_OK ? pop3 : smtp;
}

static void
done(struct ui *ui, void *arg, int status, const char *text)
{
	const struct probe *probe = arg;
	struct lines lines = { 0 };
	struct buf title = BUF_INIT;

	if (status == EX_NOPERM) {
		password_was_wrong(probe->account, &probe->account->pop3);
		password_was_wrong(probe->account, &probe->account->smtp);
	}
	buf_printf(&title, "Test of %s", probe->account->address);
	for (const char *at = text; *at != '\0';) {
		size_t size = strcspn(at, "\n");

		lines_add(&lines,
		    strstr(at, "not work") != NULL &&
			    strstr(at, "not work") < at + size
			? STYLE_FAULT
			: STYLE_NORMAL,
		    at, size);
		lines_add(&lines, STYLE_NORMAL, "", 0);
		at += size + (at[size] == '\n' ? 1 : 0);
	}
	lines_printf(&lines, STYLE_SIGNATURE, "%s",
	    status == 0 ? "All is well: q goes back, ^O saves the account."
			: "w shows what was said; q goes back.");
	ui_push(ui, text_view_new(ui, &title, &lines));
}

static bool
get_password(struct ui *ui, struct account *account, struct account_host *host,
    struct password *password)
{
	char why[512];
	enum password_result result =
	    password_get(account, host, ui, password, why, sizeof(why));

	if (result == PASSWORD_FAILED)
		ui_complain(ui, "%s", why);
	return result == PASSWORD_GOT;
}

void
probe_run(struct ui *ui, struct account *account)
{
	struct probe probe = { .account = account };
	struct task_job job = {
		.title = "Testing the settings",
		.work = work,
		.done = done,
		.arg = &probe,
	};
	bool ready = true;

	if (*account->pop3.host != '\0')
		ready = get_password(ui, account, &account->pop3, &probe.pop3);
	if (ready && *account->smtp.host != '\0' &&
	    submission_needs_password(account))
		ready = get_password(ui, account, &account->smtp, &probe.smtp);
	if (ready)
		(void)task_wait(ui, &job);
	password_forget(&probe.pop3);
	password_forget(&probe.smtp);
}
