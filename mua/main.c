/*
 * main.c - mua's command line: which mailbox, and what to do with it.
 *
 * Exit statuses are those of sysexits.h where it has one: 64 for a wrong
 * command line, 66 for a mailbox that is not there.
 */
#include "common/log.h"
#include "mua/batch.h"
#include "mua/owner.h"
#include "mua/screen.h"
#include "mua/text.h"
#include "mua/views.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char usage_text[] =
    "usage: mua [-f MAILBOX]\n"
    "       mua [-f MAILBOX] list\n"
    "       mua [-f MAILBOX] show N [--full-headers | --raw]\n"
    "MAILBOX is a Maildir, or a file with one message; without -f it is $MAIL\n"
    "or ~/Maildir.  See mua(1).\n";

/* What was asked for. */
struct request {
	const char *path; /* NULL: the person's own */
	enum { READ, LIST, SHOW } what;
	size_t number;
	enum batch_form form;
};

static const struct option long_options[] = {
	/* clang-format off */
	{ "full-headers", no_argument, NULL, 'H' },
	{ "raw",          no_argument, NULL, 'R' },
	{ "help",         no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
	/* clang-format on */
};

_Noreturn static void
usage(const char *why)
{
	if (why != NULL)
		fprintf(stderr, "mua: %s\n", why);
	fputs(usage_text, stderr);
	exit(EX_USAGE);
}

static void
parse_options(int argc, char **argv, struct request *request)
{
	static char name[] = "mua"; /* complaints do not begin with a path */
	int option;

	argv[0] = name;
	while ((option = getopt_long(argc, argv, "f:h", long_options, NULL)) !=
	    -1) {
		switch (option) {
		case 'f':
			request->path = optarg;
			break;
		case 'H':
		case 'R':
			if (request->form != BATCH_WEEDED)
				usage("--full-headers and --raw exclude each "
				      "other");
			request->form =
			    option == 'R' ? BATCH_RAW : BATCH_FULL_HEADERS;
			break;
		case 'h':
			fputs(usage_text, stdout);
			exit(EX_OK);
		default:
			usage(NULL);
		}
	}
}

/* A message number: digits only. */
static size_t
parse_number(const char *text)
{
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0)
		usage("show wants the number of a message");
	return number;
}

static struct request
parse_command_line(int argc, char **argv)
{
	struct request request = { .what = READ };
	const char *command;

	parse_options(argc, argv, &request);
	command = optind < argc ? argv[optind++] : NULL;
	if (command != NULL && strcmp(command, "list") == 0) {
		request.what = LIST;
	} else if (command != NULL && strcmp(command, "show") == 0) {
		request.what = SHOW;
		if (optind == argc)
			usage("show wants the number of a message");
		request.number = parse_number(argv[optind++]);
	} else if (command != NULL) {
		usage("unknown command");
	}
	if (optind < argc)
		usage("too many arguments");
	if (request.form != BATCH_WEEDED && request.what != SHOW)
		usage("--full-headers and --raw belong to show");
	return request;
}

/* $MAIL, or ~/Maildir; whichever is a Maildir.  The caller frees it. */
static char *
find_own_mailbox(void)
{
	const char *mail = getenv("MAIL");
	const char *home = getenv("HOME");
	char *path;

	if (mail != NULL && mailbox_is_maildir(mail))
		return xstrdup(mail);
	path = home == NULL ? NULL : xasprintf("%s/Maildir", home);
	if (path != NULL && mailbox_is_maildir(path))
		return path;
	free(path);
	fputs("mua: neither $MAIL nor ~/Maildir is a Maildir: name one with "
	      "mua -f MAILDIR\n",
	    stderr);
	exit(EX_NOINPUT);
}

static struct mailbox *
open_mailbox(const char *path)
{
	char *own = path == NULL ? find_own_mailbox() : NULL;
	struct mailbox *mailbox;
	char why[1024];

	if (own != NULL)
		path = own;
	if (owner_become(path) == -1)
		exit(EX_NOPERM);
	mailbox = mailbox_open(path, why, sizeof(why));
	if (mailbox == NULL) {
		fprintf(stderr, "mua: %s\n", why);
		exit(EX_NOINPUT);
	}
	free(own);
	return mailbox;
}

static int
read_on_screen(struct mailbox *mailbox)
{
	struct terminal *terminal;
	const char *why;
	struct ui ui;
	int rc;

	terminal = screen_open(&why);
	if (terminal == NULL) {
		fprintf(stderr,
		    "mua: %s; mua -f MAILDIR list and show N need none\n", why);
		return EX_UNAVAILABLE;
	}
	ui_init(&ui, terminal, mailbox);
	rc = ui_run(&ui, index_view_new);
	ui_clear(&ui);
	screen_close(terminal);
	return rc == -1 ? EX_NOINPUT : EX_OK;
}

static int
run(struct mailbox *mailbox, const struct request *request)
{
	if (request->what == READ)
		return read_on_screen(mailbox);
	if (mailbox_load(mailbox) == -1)
		return EX_NOINPUT;
	if (request->what == LIST)
		return batch_list(mailbox);
	return batch_show(mailbox, request->number, request->form);
}

int
main(int argc, char **argv)
{
	struct request request;
	struct mailbox *mailbox;
	int status;

	log_init("mua", "");
	log_set_level(LOG_WARN);
	text_use_utf8();
	signal(SIGPIPE, SIG_IGN);
	request = parse_command_line(argc, argv);
	mailbox = open_mailbox(request.path);
	message_library_init();
	status = run(mailbox, &request);
	mailbox_close(mailbox);
	return status;
}
