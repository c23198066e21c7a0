/*
 * main.c - postlab, the operator's command: finds the subcommand.
 *
 * To add one: a file, its prototype in admin.h, a row here, a line in
 * postlab.8.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "admin/admin.h"
#include "common/log.h"

struct command {
	const char *name;
	int (*run)(int argc, char **argv); /* NULL: help, below */
	const char *usage;                 /* one line each way to call it */
	const char *meaning;
};

/* clang-format off */
static const struct command commands[] = {
	{ "init", admin_init,
	  "init --domain DOMAIN [--profile homelab|classroom] [--port-base N]\n",
	  "makes a state folder: configuration, databases, certificates" },
	{ "up", admin_up,
	  "up [--detach]\n",
	  "runs the daemons, and restarts one that dies" },
	{ "down", admin_down,
	  "down\n",
	  "stops the daemons" },
	{ "status", admin_status,
	  "status [--json]\n",
	  "what runs, and what it is doing" },
	{ "user", admin_user,
	  "user add ADDRESS [--password-stdin]\n"
	  "user passwd ADDRESS [--password-stdin]\n"
	  "user apop ADDRESS [--password-stdin|--remove]\n"
	  "user md5 [ADDRESS] --remove\n"
	  "user list\n"
	  "user quota ADDRESS OCTETS\n"
	  "user disable ADDRESS\n"
	  "user enable ADDRESS\n"
	  "user delete ADDRESS\n"
	  "user import FILE.csv\n",
	  "people who have mail here" },
	{ "alias", admin_alias,
	  "alias add ADDRESS TARGET\n"
	  "alias list\n"
	  "alias delete ADDRESS [TARGET]\n",
	  "other names for mailboxes, lists, and catch-alls (@DOMAIN)" },
	{ "domain", admin_domain,
	  "domain add DOMAIN\n"
	  "domain list\n"
	  "domain delete DOMAIN\n",
	  "domains whose mail is kept here" },
	{ "config", admin_config,
	  "config show\n"
	  "config check\n"
	  "config manual\n",
	  "the effective configuration; mistakes and risks in it" },
	{ "check-address", admin_check_address,
	  "check-address ADDRESS [--from IP] [--as LOGIN] [--sender ADDRESS] "
	  "[--listener NAME] [--clear]\n",
	  "what would become of a message to it, and which rule decides" },
	{ "explain", admin_explain,
	  "explain\n"
	  "explain REPLY [LINE]\n",
	  "the plain words below refusals, to be translated (explain_file)" },
	{ "cert", admin_cert,
	  "cert show\n"
	  "cert renew\n",
	  "the certificates of tls/: until when, and new ones" },
	{ "dkim", admin_dkim,
	  "dkim add DOMAIN [--selector S] [--algorithm rsa|ed25519]\n"
	  "dkim list [DOMAIN]\n"
	  "dkim remove DOMAIN SELECTOR\n",
	  "the keys that sign mail of our domains" },
	{ "dns", admin_dns,
	  "dns DOMAIN [--address IP] ...\n"
	  "dns --check DOMAIN [--address IP] ...\n",
	  "the records that a domain should have; whether it has them" },
	{ "queue", admin_queue,
	  "queue list [--json] [--sender A] [--recipient A] [--domain D]\n"
	  "queue show ID [--header|--message]\n"
	  "queue retry [ID|all|--domain D|...]\n"
	  "queue hold ID|all|--domain D|...\n"
	  "queue release ID|all|--domain D|...\n"
	  "queue delete|bounce ID|all|--domain D|...\n",
	  "mail that waits for its delivery" },
	{ "mailbox", admin_mailbox,
	  "mailbox check ADDRESS|all\n"
	  "mailbox reindex ADDRESS|all\n"
	  "mailbox export ADDRESS [--mbox FILE|-]\n"
	  "mailbox import ADDRESS FILE|DIR [--mboxo|--mboxcl]\n"
	  "mailbox search ADDRESS|all QUERY ...\n",
	  "a mailbox examined, its index made anew, mail out and in" },
	{ "backup", admin_backup,
	  "backup FILE|DIR [ADDRESS ...]\n",
	  "everything, or some mailboxes, in one tar file, while all runs" },
	{ "verify", admin_verify,
	  "verify FILE\n",
	  "whether a backup is whole" },
	{ "restore", admin_restore,
	  "restore FILE [ADDRESS ...] [--into DIR]\n",
	  "a system made of a backup, or mail that is missing added" },
	{ "evidence", admin_evidence,
	  "evidence list [--since SPAN|TIME]\n"
	  "evidence show SESSION\n",
	  "recorded sessions (evidence = yes)" },
	{ "trace", admin_trace,
	  "trace ID|MESSAGE-ID|ADDRESS [--limit N] [--json] [DIR|LOG] ...\n",
	  "the life of a message, here and on hosts whose logs are given" },
	{ "help", NULL,
	  "help [SUBCOMMAND]\n",
	  "this list, or how to call one of them" },
};
/* clang-format on */

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; i < COUNT(commands); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

static void
print_usage(const struct command *command, FILE *to)
{
	const char *lead = "usage:";

	for (const char *line = command->usage; *line != '\0';) {
		size_t length = strcspn(line, "\n");

		fprintf(to, "%-6s postlab [-d DIR] %.*s\n", lead, (int)length,
		    line);
		line += length + 1;
		lead = "";
	}
}

static void
print_list(FILE *to)
{
	fprintf(to, "usage: postlab [-d DIR] SUBCOMMAND ...\n\n");
	for (size_t i = 0; i < COUNT(commands); i++)
		fprintf(to, "  %-13s %s\n", commands[i].name,
		    commands[i].meaning);
	fprintf(to,
	    "\nDIR is the state folder; without -d it is $POSTLAB_DIR "
	    "or ./var.\n");
}

static int
print_help(int argc, char **argv)
{
	const struct command *command;

	if (argc > 2)
		return EX_USAGE;
	if (argc == 1) {
		print_list(stdout);
		return EX_OK;
	}
	command = find_command(argv[1]);
	if (command == NULL)
		return admin_error(EX_USAGE, "there is no subcommand %s",
		    log_safe(argv[1]));
	print_usage(command, stdout);
	printf("\n%s: %s\n", command->name, command->meaning);
	return EX_OK;
}

/* What was printed must have arrived: a full disk is no success. */
static int
close_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	return admin_error(EX_IOERR, "the output could not be written");
}

int
main(int argc, char **argv)
{
	const struct command *command;
	int option;
	int status;

	log_init("postlab", "");
	umask(077);
	while ((option = getopt(argc, argv, "+d:h")) != -1) {
		if (option == 'd') {
			admin_set_dir(optarg);
			continue;
		}
		print_list(option == 'h' ? stdout : stderr);
		return option == 'h' ? EX_OK : EX_USAGE;
	}
	if (optind == argc) {
		print_list(stderr);
		return EX_USAGE;
	}
	command = find_command(argv[optind]);
	if (command == NULL) {
		admin_error(EX_USAGE, "there is no subcommand %s",
		    log_safe(argv[optind]));
		print_list(stderr);
		return EX_USAGE;
	}
	argc -= optind;
	argv += optind;
	optind = 0; /* glibc: a new argv */
	status = command->run == NULL ? print_help(argc, argv)
				      : command->run(argc, argv);
	if (status == EX_USAGE)
		print_usage(command, stderr);
	return close_output(status);
}
