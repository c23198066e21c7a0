/*
 * fetch_work.c - RETR what is new, keep it, and DELE what may go.
 *
 * Removal comes last, in one go: by then every message is durable and noted,
 * and a connection that breaks has removed nothing, as DELE is not done before
 * QUIT (RFC 1939 6).  With PIPELINING some RETRs are under way at once; the
 * answers come in order.
 */
#include "mua/fetch_work.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/auth_client.h"
#include "mua/fetch_plan.h"
#include "mua/fetch_store.h"
#include "mua/task.h"
#include "mua/text.h"

enum {
	WINDOW = 16,     /* commands under way */
	SYNC_EVERY = 50, /* messages noted and not flushed */
	MESSAGE_MAX = 512 << 20,
};

struct fetch {
	struct task *task;
	const struct account *account;
	struct pop3_session session;
	struct fetched fetched;
	struct fetch_store store;
	struct plan plan;
	size_t asked; /* messages of the plan, from the first */
	size_t done;  /* of plan.to_fetch: answered */
	size_t stored;
	size_t refused; /* the server did not give them */
	size_t removed;
};

static int
fail_local(struct fetch *fetch, const char *what, int error)
{
	return dial_fail(&fetch->session.dial,
	    error == ENOSPC || error == EDQUOT ? EX_IOERR : EX_CANTCREAT,
	    "%s %s: %s", what, fetch->account->maildir, strerror(error));
}

static int
open_local(struct fetch *fetch)
{
	const struct account *account = fetch->account;

	if (fetch_store_open(&fetch->store, account->maildir) == -1)
		return fail_local(fetch,
		    "The Maildir cannot be opened:", errno);
	if (fetched_open(&fetch->fetched, fetch->store.maildir.root,
		account_login(account, &account->pop3),
		account->pop3.host) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return dial_fail(&fetch->session.dial, EX_TEMPFAIL,
		    "Another mua is fetching into %s just now",
		    account->maildir);
	return fail_local(fetch,
	    "The list of what was fetched is not to be "
	    "had in",
	    errno);
}

/* Sends RETRs as far ahead as the server lets us. */
static void
ask_ahead(struct fetch *fetch, size_t answered)
{
	struct pop3_client *client = &fetch->session.client;
	size_t window = (client->can & POP3_CAN_PIPELINE) != 0 ? WINDOW : 1;

	while (fetch->asked < fetch->plan.count) {
		const struct plan_message *message =
		    &fetch->plan.items[fetch->asked];

		if (message->fetch) {
			if (window == answered)
				return;
			pop3_send(client, "RETR %d", message->number);
			answered++;
		}
		fetch->asked++;
	}
}

/* The message behind +OK. */
static int
take_message(struct fetch *fetch, struct plan_message *message)
{
	struct dial *dial = &fetch->session.dial;
	struct pop3_text text;
	enum pop3_answer answer;

	if (fetch_store_begin(&fetch->store, &text) == -1)
		return fail_local(fetch, "A message cannot be stored in",
		    fetch->store.error);
	answer = pop3_message(&fetch->session.client, &text, MESSAGE_MAX);
	if (answer == POP3_NO)
		return dial_fail(dial, EX_PROTOCOL,
		    "Message %d is larger than %d MiB: broken off",
		    message->number, MESSAGE_MAX >> 20);
	if (answer == POP3_BROKEN)
		return dial_explain(dial, "sending a message");
	if (text.failed || fetch_store_commit(&fetch->store, &text) == -1)
		return fail_local(fetch, "A message cannot be stored in",
		    fetch->store.error);
	message->here = true;
	fetch->stored++;
	if (message->uid != NULL &&
	    (fetched_add(&fetch->fetched, message->uid) == -1 ||
		(fetch->stored % SYNC_EVERY == 0 &&
		    fetched_sync(&fetch->fetched) == -1)))
		return fail_local(fetch,
		    "It cannot be noted what was fetched "
		    "into",
		    errno);
	return 0;
}

static int
fetch_message(struct fetch *fetch, struct plan_message *message)
{
	switch (pop3_answer(&fetch->session.client)) {
	case POP3_YES:
		return take_message(fetch, message);
	case POP3_NO:
		/* Another session may have removed it. */
		fetch->refused++;
		return 0;
	case POP3_BROKEN:
		break;
	}
	return dial_explain(&fetch->session.dial, "sending a message");
}

static int
fetch_all(struct fetch *fetch)
{
	const struct plan *plan = &fetch->plan;
	char size[8];
	size_t ahead = 0;

	for (size_t i = 0; i < plan->count; i++) {
		struct plan_message *message = &plan->items[i];
		size_t before;

		if (!message->fetch)
			continue;
		if (*task_stop(fetch->task) != 0)
			return dial_fail(&fetch->session.dial, TASK_CANCELLED,
			    "Broken off");
		task_progress(fetch->task, fetch->done + 1, plan->to_fetch,
		    "%s", text_size(message->size, size));
		before = fetch->asked;
		ask_ahead(fetch, ahead);
		for (; before < fetch->asked; before++)
			ahead += plan->items[before].fetch ? 1 : 0;
		if (fetch_message(fetch, message) == -1)
			return -1;
		ahead--;
		fetch->done++;
	}
	return 0;
}

/* DELE, some at a time.  A refusal is no matter: next time again. */
static int
remove_all(struct fetch *fetch)
{
	struct pop3_client *client = &fetch->session.client;
	size_t window = (client->can & POP3_CAN_PIPELINE) != 0 ? WINDOW : 1;
	size_t ahead = 0;

	for (size_t i = 0; i <= fetch->plan.count; i++) {
		const struct plan_message *message = &fetch->plan.items[i];
		bool last = i == fetch->plan.count;

		if (!last && message->remove && message->here) {
			pop3_send(client, "DELE %d", message->number);
			ahead++;
		}
		while (ahead == window || (last && ahead > 0)) {
			enum pop3_answer answer = pop3_answer(client);

			if (answer == POP3_BROKEN)
				return dial_explain(&fetch->session.dial,
				    "removing messages");
			fetch->removed += answer == POP3_YES ? 1 : 0;
			ahead--;
		}
	}
	return 0;
}

static void
say_result(struct fetch *fetch)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "%s: ", fetch->account->name);
	if (fetch->stored == 0)
		buf_addstr(&text, "no new mail");
	else
		buf_printf(&text, "%zu new message%s", fetch->stored,
		    fetch->stored == 1 ? "" : "s");
	if (fetch->removed > 0)
		buf_printf(&text, ", %zu removed from the server",
		    fetch->removed);
	if (fetch->refused > 0)
		buf_printf(&text, ", %zu the server did not give",
		    fetch->refused);
	task_result(fetch->task, "%s", text.data);
	buf_clear(&text);
}

/* What is to be done once the server is reached. */
static int
run(struct fetch *fetch)
{
	struct pop3_session *session = &fetch->session;

	if (plan_make(&fetch->plan, session, &fetch->fetched) == -1 ||
	    fetch_all(fetch) == -1)
		return -1;
	if (fetched_sync(&fetch->fetched) == -1)
		return fail_local(fetch,
		    "It cannot be noted what was fetched "
		    "into",
		    errno);
	/* The commit point: all of it survives a power cut from here on. */
	if (remove_all(fetch) == -1 || pop3_session_quit(session) == -1)
		return -1;
	(void)fetched_tidy(&fetch->fetched);
	return 0;
}

static int
fetch_mail(struct fetch *fetch, const struct password *password)
{
	int rc = -1;

	task_progress(fetch->task, 0, 0, "connecting to %s",
	    fetch->account->pop3.host);
	if (auth_client_prepare() == 0 &&
	    pop3_session_open(&fetch->session, fetch->task, fetch->account,
		password) == 0) {
		if (open_local(fetch) == 0)
			rc = run(fetch);
		fetch_store_close(&fetch->store);
		fetched_close(&fetch->fetched);
	}
	return rc;
}

int
fetch_work(struct task *task, void *arg)
{
	struct fetch_order *order = arg;
	struct fetch *fetch = xcalloc(1, sizeof(*fetch));
	int status = EX_OK;

	fetch->task = task;
	fetch->account = order->account;
	fetch->fetched.fd = -1;
	fetch->fetched.lock = -1;
	fetch->store.draft.fd = -1;
	if (fetch_mail(fetch, &order->password) == 0) {
		say_result(fetch);
	} else {
		const struct dial *dial = &fetch->session.dial;
		char kept[64] = "";

		status = dial->status == 0 ? EX_SOFTWARE : dial->status;
		if (fetch->stored > 0)
			(void)snprintf(kept, sizeof(kept),
			    " (%zu of %zu are here)", fetch->stored,
			    fetch->plan.to_fetch);
		task_result(task, "%s%s", dial->why, kept);
	}
	plan_clear(&fetch->plan);
	password_forget(&order->password);
	pop3_session_close(&fetch->session);
	free(fetch);
	return status;
}
