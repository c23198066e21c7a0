/*
 * dialog.c - plays dialog files: docs/DIALOGS.md.
 *
 * The main program: options, and a line for each file.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/mem.h"
#include "labs/dialog_play.h"
#include "labs/dialog_script.h"

/* clang-format off */
static struct role roles[] = {
	{ "smtp",  25,  NULL },
	{ "msa",   587, NULL },
	{ "msas",  465, NULL },
	{ "pop3",  110, NULL },
	{ "pop3s", 995, NULL },
	{ "lmtp",  0,   NULL },
	{ NULL,    0,   NULL },
};

enum flag { BASE = 'b', BURST = 'B', CA = 'c', SET = 's', TIMEOUT = 't',
	WORLD = 'w', VERBOSE = 'v', ROLE = 256 };

static const struct option long_options[] = {
	{ "smtp",    required_argument, NULL, ROLE + 0 },
	{ "msa",     required_argument, NULL, ROLE + 1 },
	{ "msas",    required_argument, NULL, ROLE + 2 },
	{ "pop3",    required_argument, NULL, ROLE + 3 },
	{ "pop3s",   required_argument, NULL, ROLE + 4 },
	{ "lmtp",    required_argument, NULL, ROLE + 5 },
	{ "base",    required_argument, NULL, BASE },
	{ "burst",   no_argument,       NULL, BURST },
	{ "ca",      required_argument, NULL, CA },
	{ "set",     required_argument, NULL, SET },
	{ "timeout", required_argument, NULL, TIMEOUT },
	{ "world",   required_argument, NULL, WORLD },
	{ NULL, 0, NULL, 0 },
};
/* clang-format on */

static struct values given;
static const char *world = "";
static struct player_options options = {
	.roles = roles,
	.base = 2000,
	.timeout = 10,
	.values = &given,
};

_Noreturn static void
usage(void)
{
	fprintf(stderr,
	    "usage: dialog [-v] [--burst] [--base N] [--ROLE ADDRESS] "
	    "[--set NAME=VALUE]\n"
	    "              [--world NAME] [--ca FILE] [--timeout N] FILE ...\n"
	    "The roles are smtp, msa, msas, pop3, pop3s, lmtp; "
	    "docs/DIALOGS.md has the rest.\n");
	exit(EX_USAGE);
}

static int
number(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n < 0 || n > 65535)
		usage();
	return (int)n;
}

static void
set_value(char *text)
{
	char *equals = strchr(text, '=');

	if (equals == NULL)
		usage();
	*equals++ = '\0';
	values_set(&given, text, equals, strlen(equals));
}

static void
read_options(int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "v", long_options, NULL)) != -1) {
		if (c >= ROLE)
			roles[c - ROLE].address = optarg;
		else if (c == BASE)
			options.base = number(optarg);
		else if (c == BURST)
			options.burst = true;
		else if (c == CA)
			options.ca_file = optarg;
		else if (c == SET)
			set_value(optarg);
		else if (c == TIMEOUT)
			options.timeout = number(optarg);
		else if (c == WORLD)
			world = optarg;
		else if (c == VERBOSE)
			options.verbose = true;
		else
			usage();
	}
	if (optind == argc)
		usage();
}

/* Plays one file; returns the exit status it stands for. */
static int
play_file(const char *path)
{
	struct script script;
	const char *mode = options.burst ? " (burst)" : "";
	int status = EX_DATAERR;

	if (!script_load(path, &script))
		goto out;
	status = EXIT_SUCCESS;
	if ((options.burst && script.burst == BURST_NO) ||
	    (*script.world != '\0' && strcmp(script.world, world) != 0))
		goto out;
	if (dialog_play(&script, &options)) {
		printf("ok      %s%s\n", path, mode);
	} else {
		printf("FAILED  %s%s: %s\n", path, mode, script.title);
		status = EXIT_FAILURE;
	}
	fflush(stdout);
out:
	script_clear(&script);
	return status;
}

int
main(int argc, char **argv)
{
	int status = EXIT_SUCCESS;

	read_options(argc, argv);
	for (int i = optind; i < argc; i++) {
		int one = play_file(argv[i]);

		if (one > status)
			status = one;
	}
	values_clear(&given);
	return status;
}
