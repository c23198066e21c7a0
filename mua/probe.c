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
#include <unistd.h>

#include "common/auth_client.h"
#include "common/conn.h"
#include "common/tls.h"
#include "mua/password.h"
#include "mua/pop3_session.h"
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
		int count = atoi(session.client.text);

		buf_printf(to,
		    "POP3 works: %s, %s, logged in as %s, %d message%s.\n",
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
work(struct task *task, void *arg)
{
	const struct probe *probe = arg;
	struct buf text = BUF_INIT;
	int pop3 = EX_OK;

	if (auth_client_prepare() == -1)
		return EX_SOFTWARE;
	if (*probe->account->pop3.host != '\0')
		pop3 = try_pop3(task, probe, &text);
	task_result(task, "%s", text.data);
	buf_clear(&text);
	return pop3;
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
	char why[512];
	enum password_result result = PASSWORD_GOT;

	if (*account->pop3.host != '\0')
		result = password_get(account, &account->pop3, ui, &probe.pop3,
		    why, sizeof(why));
	if (result == PASSWORD_FAILED)
		ui_complain(ui, "%s", why);
	if (result == PASSWORD_GOT)
		(void)task_wait(ui, &job);
	password_forget(&probe.pop3);
	password_forget(&probe.smtp);
}
