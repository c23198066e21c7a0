/*
 * main.c - mua's command line: whose mail, and what to do with it.
 *
 * Exit statuses are those of sysexits.h where it has one: 64 for a wrong
 * command line, 66 for a mailbox that is not there, 78 for a wrong mua.conf.
 */
#include "common/log.h"
#include "mua/account_form.h"
#include "mua/batch.h"
#include "mua/batch_send.h"
#include "mua/fetch.h"
#include "mua/on_screen.h"
#include "mua/owner.h"
#include "mua/screen.h"
#include "mua/start.h"
#include "mua/text.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char usage_text[] =
    "usage: mua [-a ACCOUNT] [-f MAILBOX]\n"
    "       mua [-f MAILBOX] list [--threads] [--limit QUERY]\n"
    "       mua [-f MAILBOX] search QUERY [--threads]\n"
    "       mua [-f MAILBOX] show N [--full-headers | --raw | --view=VIEW]\n"
    "       mua [-a ACCOUNT] fetch [--wire]\n"
    "       mua accounts\n"
    "       mua [-a ACCOUNT] send [OPTION]... TO... < TEXT\n"
    "MAILBOX is a Maildir, or a file with one message.  Without it: the one of\n"
    "the account, of the lab at hand ($POSTLAB_DIR, ./var), $MAIL, ~/Maildir.\n"
    "VIEW is raw, structure, trace or envelope.  See mua(1).\n";

struct request;

struct command {
	const char *name; /* NULL: none, the screen */
	int (*run)(struct request *request);
	int arguments;
	const char *wants; /* what is missing without one */
	bool no_mailbox;   /* it needs none */
};

/* What was asked for. */
struct request {
	struct start start;
	const struct command *command;
	const char *argument;
	struct mailbox *mailbox;
	enum batch_form form;
	bool wire;
	bool threads;
	const char *limit;
};

static const struct option long_options[] = {
	/* clang-format off */
	{ "full-headers", no_argument, NULL, 'H' },
	{ "raw",          no_argument, NULL, 'R' },
	{ "view",         required_argument, NULL, 'V' },
	{ "wire",         no_argument, NULL, 'W' },
	{ "threads",      no_argument, NULL, 'T' },
	{ "limit",        required_argument, NULL, 'L' },
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

/* A message can be shown in one form. */
static void
choose_form(struct request *request, enum batch_form form)
{
	if (request->form != BATCH_WEEDED)
		usage("--full-headers, --raw and --view exclude each other");
	request->form = form;
}

static void
parse_options(int argc, char **argv, struct request *request)
{
	static char name[] = "mua"; /* complaints do not begin with a path */
	enum batch_form form;
	int option;

	argv[0] = name;
	while ((option = getopt_long(argc, argv, "a:f:h", long_options,
		    NULL)) != -1) {
		switch (option) {
		case 'a':
			request->start.account = optarg;
			break;
		case 'f':
			request->start.mailbox = optarg;
			break;
		case 'H':
			choose_form(request, BATCH_FULL_HEADERS);
			break;
		case 'R':
			choose_form(request, BATCH_RAW);
			break;
		case 'V':
			if (!batch_find_view(optarg, &form))
				usage("a view is raw, structure, trace or "
				      "envelope");
			choose_form(request, form);
			break;
		case 'W':
			request->wire = true;
			break;
		case 'T':
			request->threads = true;
			break;
		case 'L':
			request->limit = optarg;
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

static int
read_on_screen(struct request *request)
{
	return on_screen(&request->start, &request->mailbox);
}

static int
list(struct request *request)
{
	struct mailbox *mailbox = request->mailbox;
	int status = EX_OK;
	bool partly = false;

	if (request->threads)
		mailbox->sort = SORT_THREADS;
	if (mailbox_load(mailbox) == -1)
		return EX_NOINPUT;
	if (request->limit != NULL)
		status = batch_limit(mailbox, request->limit, &partly);
	if (status == EX_OK)
		status = batch_list(mailbox);
	return status == EX_OK && partly ? EX_IOERR : status;
}

/* As grep: nothing found is a status of its own. */
static int
search(struct request *request)
{
	int status;

	request->limit = request->argument;
	status = list(request);
	if (status == EX_OK && request->mailbox->row_count == 0)
		return EXIT_NO_MESSAGE;
	return status;
}

static int
show(struct request *request)
{
	size_t number = parse_number(request->argument);

	if (mailbox_load(request->mailbox) == -1)
		return EX_NOINPUT;
	return batch_show(request->mailbox, number, request->form);
}

static int
fetch(struct request *request)
{
	struct account *account = request->start.own;

	if (account == NULL || *account->pop3.host == '\0') {
		fprintf(stderr, "mua: there is no account to fetch from%s%s\n",
		    request->start.config == NULL ? "" : " in ",
		    request->start.config == NULL ? "" : request->start.config);
		return EX_CONFIG;
	}
	return fetch_batch(account, request->wire);
}

static int
list_accounts(struct request *request)
{
	const struct account_list *accounts = request->start.accounts;

	for (size_t i = 0; i < accounts->count; i++)
		printf("%s\t%s\t%s\n", accounts->items[i].name,
		    accounts->items[i].address, accounts->items[i].maildir);
	return EX_OK;
}

/* clang-format off */
static const struct command commands[] = {
	{ NULL,       read_on_screen, 0, NULL, false },
	{ "list",     list,           0, NULL, false },
	{ "search",   search,         1, "search wants a query: from:ann is:unread", false },
	{ "show",     show,           1, "show wants the number of a message", false },
	{ "fetch",    fetch,          0, NULL, true },
	{ "accounts", list_accounts,  0, NULL, true },
};
/* clang-format on */

static const struct command *
find_command(const char *name)
{
	if (name == NULL)
		return &commands[0];
	for (size_t i = 1; i < COUNT(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	usage("unknown command");
}

static struct request
parse_command_line(int argc, char **argv)
{
	struct request request = { 0 };

	parse_options(argc, argv, &request);
	request.command = find_command(optind < argc ? argv[optind++] : NULL);
	if (request.command->arguments > 0) {
		if (optind == argc)
			usage(request.command->wants);
		request.argument = argv[optind++];
	}
	if (request.command->run == show && request.argument != NULL)
		(void)parse_number(request.argument);
	if (optind < argc)
		usage("too many arguments");
	if (request.form != BATCH_WEEDED && request.command->run != show)
		usage("--full-headers, --raw and --view belong to show");
	if (request.threads && request.command->run != list &&
	    request.command->run != search)
		usage("--threads belongs to list and search");
	if (request.limit != NULL && request.command->run != list)
		usage("--limit belongs to list");
	if (request.wire && request.command->run != fetch)
		usage("--wire belongs to fetch");
	return request;
}

_Noreturn static void
give_up(int status, const char *why)
{
	fprintf(stderr, "mua: %s\n", why);
	exit(status);
}

/* Who begins with nothing on a terminal fills in a form. */
static void
ask_for_account(struct request *request)
{
	struct terminal *terminal;
	const char *unused;
	char why[1024];
	bool saved;

	if (request->start.path != NULL || request->command->name != NULL)
		return;
	terminal = screen_open(&unused);
	if (terminal == NULL)
		return;
	saved = account_form_run(terminal, request->start.accounts);
	screen_close(terminal);
	if (!saved)
		exit(EX_OK);
	if (start_find(&request->start, why, sizeof(why)) == -1)
		give_up(EX_CONFIG, why);
}

static void
open_mailbox(struct request *request)
{
	const char *path = request->start.path;
	struct maildir made;
	char why[1024];

	if (path == NULL)
		give_up(EX_NOINPUT,
		    "no account, no lab here, and neither $MAIL nor ~/Maildir "
		    "is a Maildir: name one with mua -f MAILDIR");
	if (owner_become(path) == -1)
		exit(EX_NOPERM);
	if (request->start.may_make && !mailbox_is_maildir(path) &&
	    maildir_open(AT_FDCWD, path, true, &made) == 0)
		maildir_close(&made);
	request->mailbox = mailbox_open(path, why, sizeof(why));
	if (request->mailbox == NULL)
		give_up(EX_NOINPUT, why);
}

/* Where the command send stands, which has options of its own; 0: nowhere. */
static int
find_send(int argc, char **argv)
{
	int i = 1;

	while (i + 1 < argc &&
	    (strcmp(argv[i], "-a") == 0 || strcmp(argv[i], "-f") == 0))
		i += 2;
	return i < argc && strcmp(argv[i], "send") == 0 ? i : 0;
}

static int
send_letter(int argc, char **argv)
{
	int at = find_send(argc, argv);
	struct request request = { 0 };
	char why[1024];
	int status;

	parse_options(at, argv, &request);
	if (start_find(&request.start, why, sizeof(why)) == -1)
		give_up(EX_CONFIG, why);
	if (request.start.path != NULL &&
	    mailbox_is_maildir(request.start.path) &&
	    owner_become(request.start.path) == -1)
		return EX_NOPERM;
	message_library_init();
	status = batch_send(&request.start, argc - at, argv + at);
	start_clear(&request.start);
	return status;
}

int
main(int argc, char **argv)
{
	struct request request;
	char why[1024];
	int status;

	log_init("mua", "");
	log_set_level(LOG_WARN);
	text_use_utf8();
	signal(SIGPIPE, SIG_IGN);
	if (find_send(argc, argv) > 0)
		return send_letter(argc, argv);
	request = parse_command_line(argc, argv);
	if (start_find(&request.start, why, sizeof(why)) == -1)
		give_up(EX_CONFIG, why);
	message_library_init();
	ask_for_account(&request);
	if (!request.command->no_mailbox)
		open_mailbox(&request);
	status = request.command->run(&request);
	mailbox_close(request.mailbox);
	start_clear(&request.start);
	return status;
}
