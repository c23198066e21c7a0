/*
 * batch_send.c - mua send [options] TO... < text.
 *
 * What cannot be sent now is kept in the outbox, as from the screen; what was
 * refused for good is not, since who called still has it.
 */
#include "mua/batch_send.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "maildir/message.h"
#include "mua/account.h"
#include "mua/answer.h"
#include "mua/copy.h"
#include "mua/folders.h"
#include "mua/identity.h"
#include "mua/letter.h"
#include "mua/post.h"
#include "mua/start.h"
#include "mua/submit.h"

enum { TEXT_MAX = 256 << 20, WHY_SIZE = 600 };

static const char usage_text[] =
    "usage: mua [-a ACCOUNT] send [-n] [-a FILE]... [-s SUBJECT] [-c CC]\n"
    "           [-b BCC] [--report] [--wire] TO... < TEXT\n"
    "       mua [-a ACCOUNT] send [--wire] --outbox\n";

struct order {
	struct draft *draft;
	const struct account_list *accounts;
	struct account *account;
	bool print;  /* -n: the message, and nothing is sent */
	bool outbox; /* what waits there, and no new letter */
	bool wire;
	int status; /* not 0: what is wrong was said */
};

static const struct option long_options[] = {
	/* clang-format off */
	{ "report", no_argument, NULL, 'R' },
	{ "outbox", no_argument, NULL, 'O' },
	{ "wire",   no_argument, NULL, 'W' },
	{ "help",   no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
	/* clang-format on */
};

static void
complain(struct order *order, int status, const char *text)
{
	struct buf safe = BUF_INIT;

	text_safe(text, strlen(text), &safe);
	fprintf(stderr, "mua: %s\n", safe.data);
	buf_clear(&safe);
	order->status = status;
}

/* Adds TEXT to a list of people that may be given several times. */
static void
add_people(struct draft *draft, enum draft_field field, const char *text)
{
	const char *old = draft->fields[field];
	char *all =
	    *old == '\0' ? xstrdup(text) : xasprintf("%s, %s", old, text);

	draft_set(draft, field, all);
	free(all);
}

static void
attach(struct order *order, const char *path)
{
	char why[WHY_SIZE];

	if (!draft_attach_file(order->draft, path, why, sizeof(why)))
		complain(order, EX_NOINPUT, why);
}

static void
take_option(struct order *order, int option)
{
	switch (option) {
	case 'a':
		attach(order, optarg);
		break;
	case 's':
		draft_set(order->draft, DRAFT_SUBJECT, optarg);
		break;
	case 'c':
		add_people(order->draft, DRAFT_CC, optarg);
		break;
	case 'b':
		add_people(order->draft, DRAFT_BCC, optarg);
		break;
	case 'n':
		order->print = true;
		break;
	case 'R':
		order->draft->wants_report = true;
		break;
	case 'O':
		order->outbox = true;
		break;
	case 'W':
		order->wire = true;
		break;
	case 'h':
		fputs(usage_text, stdout);
		exit(EX_OK);
	default:
		fputs(usage_text, stderr);
		exit(EX_USAGE);
	}
}

static void
parse(struct order *order, int argc, char **argv)
{
	static char name[] = "mua";
	int option;

	argv[0] = name;
	optind = 1;
	while ((option = getopt_long(argc, argv, "a:s:c:b:nh", long_options,
		    NULL)) != -1)
		take_option(order, option);
	if ((optind == argc) != order->outbox) {
		fputs(usage_text, stderr);
		exit(EX_USAGE);
	}
	for (; optind < argc; optind++)
		add_people(order->draft, DRAFT_TO, argv[optind]);
}

static void
print_letter(struct order *order)
{
	char why[WHY_SIZE];
	int fd = copy_scratch();
	struct buf text = BUF_INIT;

	if (fd == -1 ||
	    letter_write(order->draft, LETTER_SENT, fd, why, sizeof(why)) ==
		-1 ||
	    lseek(fd, 0, SEEK_SET) == -1 || buf_read(&text, fd, SIZE_MAX) == -1)
		complain(order, EX_DATAERR, why);
	else if (write_all(STDOUT_FILENO, text.data, text.size) == -1)
		complain(order, EX_IOERR, "the letter cannot be printed");
	if (fd != -1)
		close(fd);
	buf_clear(&text);
}

static void
submit(struct order *order, const char *outbox, const char *name)
{
	struct submission *submission =
	    submission_new(order->account, outbox, name);
	struct task_job job = {
		.title = "Sending",
		.work = submit_work,
		.arg = submission,
		.free = submission_free,
	};
	char why[WHY_SIZE];

	submission->has_password = submission_needs_password(order->account);
	submission->forgets = *name != '\0';
	if (submission->has_password &&
	    password_get(order->account, &order->account->smtp, NULL,
		&submission->password, why, sizeof(why)) != PASSWORD_GOT) {
		complain(order, EX_NOPERM, why);
		submission_free(submission);
		return;
	}
	order->status = task_foreground(&job, order->wire);
}

static void
send_letter(struct order *order, const char *outbox)
{
	char name[MAILDIR_NAME_MAX + 1];
	char why[WHY_SIZE];

	if (!letter_is_ready(order->draft, why, sizeof(why))) {
		complain(order, EX_DATAERR, why);
		return;
	}
	if (!post_letter(order->draft, outbox, name, why, sizeof(why))) {
		complain(order, EX_IOERR, why);
		return;
	}
	submit(order, outbox, name);
	if (order->status == 0)
		identity_note_written(order->draft);
}

/* Nobody sees here what would come of bytes that are no text. */
static bool
is_text(const struct buf *text)
{
	struct buf shown = BUF_INIT;
	bool good = text_repair(text->data, text->size, &shown) == 0;

	buf_clear(&shown);
	return good;
}

static void
run(struct order *order)
{
	struct identity identity;
	char why[WHY_SIZE];
	char *outbox;

	if (order->account == NULL && !order->print) {
		complain(order, EX_CONFIG,
		    "there is no account to send with: mua makes one");
		return;
	}
	identity_init(&identity, order->accounts, order->account);
	draft_set(order->draft, DRAFT_FROM, identity.writer.from);
	identity_clear(&identity);
	outbox = folders_outbox(order->account, NULL);
	if (order->outbox)
		submit(order, outbox, "");
	else if (buf_read(&order->draft->text, STDIN_FILENO, TEXT_MAX) != 0)
		complain(order, EX_NOINPUT, "the text cannot be read");
	else if (!is_text(&order->draft->text))
		complain(order, EX_DATAERR,
		    "the text is not UTF-8: convert it (iconv), or attach it "
		    "with -a");
	else if (order->print &&
	    !letter_is_ready(order->draft, why, sizeof(why)))
		complain(order, EX_DATAERR, why);
	else if (order->print)
		print_letter(order);
	else
		send_letter(order, outbox);
	free(outbox);
}

int
batch_send(const struct start *start, int argc, char **argv)
{
	struct order order = {
		.draft = draft_new(),
		.accounts = start->accounts,
		.account = start->own,
	};

	parse(&order, argc, argv);
	if (order.status == 0)
		run(&order);
	draft_free(order.draft);
	return order.status;
}
