/* modes.c - smtpd as a command: the table, and the modes that are but a line.
 */
#include "smtpd/modes.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "common/config.h"
#include "common/explain.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/sentences.h"
#include "smtpd/policy.h"

/* As getopt() has it; what follows is argv[optind].  NULL: wrong usage. */
static struct config *
enter(int argc, char **argv, int words)
{
	const char *dir = NULL;
	int option;

	while ((option = getopt(argc, argv, "+d:")) != -1) {
		if (option != 'd')
			return NULL;
		dir = optarg;
	}
	return argc - optind <= words ? config_enter(dir) : NULL;
}

static bool
is_smtp(const struct listener *listener)
{
	return listener->protocol == PROTO_MTA ||
	    listener->protocol == PROTO_MSA;
}

static int
print_rules(int argc, char **argv)
{
	struct config *config = enter(argc, argv, 0);

	if (config == NULL)
		return EX_USAGE;
	printf("\n# The rules of smtpd's listeners: the first that applies "
	       "gives the reply.\n");
	for (size_t i = 0; i < config->listener_count; i++) {
		const struct listener *l = &config->listeners[i];

		if (!is_smtp(l))
			continue;
		printf("#\n# [listen %s] %s\n", l->name,
		    l->protocol == PROTO_MTA ? "mta: from other servers"
					     : "msa: submission");
		policy_print(l, stdout);
	}
	config_free(config);
	return EX_OK;
}

static int
print_sentences(int argc, char **argv)
{
	const struct sentences_source source = sentences_built_in();
	struct config *config;
	const char *typed;
	bool found;

	if (argc == 1) {
		fwrite(source.text, 1, source.size, stdout);
		return EX_OK;
	}
	config = enter(argc, argv, 2);
	if (config == NULL)
		return EX_USAGE;
	typed = optind + 1 < argc ? argv[optind + 1] : "";
	found =
	    optind < argc && explain_show(config, argv[optind], typed, stdout);
	config_free(config);
	return found ? EX_OK : EX_DATAERR;
}

/* A line each; postlab counts them. */
static int
check(int argc, char **argv)
{
	struct config *config = enter(argc, argv, 0);

	if (config == NULL)
		return EX_USAGE;
	(void)explain_check(config, stdout);
	config_free(config);
	return EX_OK;
}

int
modes_run(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} modes[] = {
		{ "check-address", check_address },
		{ "rules", print_rules },
		{ "explain", print_sentences },
		{ "check", check },
	};
	int status = EX_USAGE;

	log_init("smtpd", "");
	for (size_t i = 0; i < COUNT(modes); i++)
		if (strcmp(modes[i].name, argv[1]) == 0)
			status = modes[i].run(argc - 1, argv + 1);
	if (status == EX_USAGE)
		fprintf(stderr,
		    "usage: smtpd [-d DIR]\n"
		    "       smtpd check-address|rules|check [-d DIR] ...\n"
		    "       smtpd explain [[-d DIR] REPLY [LINE]]\n");
	if (fflush(stdout) != 0 || ferror(stdout))
		return EX_IOERR;
	return status;
}
