/* config.c - postlab config: what is in force, what is wrong, what is risky. */
#include "common/config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/admin.h"
#include "admin/certificate.h"
#include "admin/daemons.h"
#include "admin/secrets_left.h"
#include "common/auth_policy.h"
#include "common/auth_probe.h"
#include "common/buf.h"
#include "common/directory.h"

/* Behind the values, as comments: the rules that smtpd makes of them. */
static int
show(int argc, char **argv)
{
	static const char *const question[] = { "smtpd", "rules", "-d", ".",
		NULL };
	int smtpd = daemon_find("smtpd");

	(void)argc;
	(void)argv;
	config_print(admin_enter(), stdout);
	return daemon_run(smtpd, question, NULL);
}

static void
ignore_final(void *arg, const struct address *final)
{
	(void)arg;
	(void) final;
}

struct check {
	struct directory *directory;
	int warnings;
};

static void
add_mechanism(void *arg, const char *mechanism)
{
	buf_printf(arg, "%s\n", mechanism);
}

/* Of those that the configuration wants, what this machine does not have. */
static int
mechanisms_warn(const struct config *config)
{
	struct buf wanted = BUF_INIT;
	int count = 0;

	auth_policy_each(config, add_mechanism, &wanted);
	auth_probe();
	for (char *name = strtok(wanted.data, "\n"); name != NULL;
	     name = strtok(NULL, "\n")) {
		if (auth_policy(config, name, true, true) == AUTH_CONTINUE)
			continue;
		printf("[auth] mechanisms: %s is not offered, SASL has no "
		       "plugin for it here (apt install libsasl2-modules)\n",
		    name);
		count++;
	}
	buf_clear(&wanted);
	return count;
}

/* What only smtpd knows: language and explain_file, a line a warning. */
static void
check_sentences(struct check *check, int smtpd)
{
	static const char *const question[] = { "smtpd", "check", "-d", ".",
		NULL };
	struct buf said = BUF_INIT;

	if (daemon_run(smtpd, question, &said) != EX_OK)
		buf_addstr(&said,
		    "smtpd could not be asked for language and "
		    "explain_file\n");
	for (size_t i = 0; i < said.size; i++)
		check->warnings += said.data[i] == '\n';
	fputs(said.data, stdout);
	buf_clear(&said);
}

/* RFC 5321 4.5.1 */
static void
check_postmaster(void *arg, const char *domain)
{
	struct check *check = arg;
	struct address postmaster = { .local = "postmaster" };

	(void)copy_string(postmaster.domain, sizeof(postmaster.domain), domain);
	if (directory_resolve(check->directory, &postmaster, ignore_final,
		NULL) == LOOKUP_YES)
		return;
	printf("nobody gets mail for postmaster@%s (RFC 5321 4.5.1): postlab "
	       "alias add postmaster@%s ADDRESS\n",
	    domain, domain);
	check->warnings++;
}

static void
check_alias(void *arg, const char *alias, const char *target)
{
	struct check *check = arg;
	struct address address;
	struct buf shown = BUF_INIT;

	if (!address_parse(target, &address) ||
	    directory_resolve(check->directory, &address, ignore_final, NULL) ==
		LOOKUP_YES)
		return;
	admin_field(&shown, alias);
	buf_addstr(&shown, " leads to ");
	admin_field(&shown, target);
	printf("the alias %s, which is nobody's name\n", shown.data);
	buf_clear(&shown);
	check->warnings++;
}

static int
check(int argc, char **argv)
{
	int smtpd = daemon_find("smtpd");
	const struct config *config = admin_enter();
	struct check check = { directory_open(true),
		config_warn(config, stdout) };
	int left;
	int rc = -1;

	(void)argc;
	(void)argv;
	check_sentences(&check, smtpd);
	check.warnings += certificate_warn(config);
	check.warnings += mechanisms_warn(config);
	if (check.directory != NULL)
		rc = directory_list_domains(check.directory, check_postmaster,
		    &check);
	if (rc == 0)
		rc = directory_list_aliases(check.directory, check_alias,
		    &check);
	directory_close(check.directory);
	left = rc == 0 ? secrets_left_warn(config) : -1;
	if (left == -1)
		return EX_TEMPFAIL;
	check.warnings += left;
	printf("postlab.conf: no mistake, %d %s\n", check.warnings,
	    check.warnings == 1 ? "warning" : "warnings");
	return EX_OK;
}

static int
manual(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	config_print_manual(stdout);
	return EX_OK;
}

int
admin_config(int argc, char **argv)
{
	static const struct admin_verb verbs[] = {
		{ "show", 0, 0, show },
		{ "check", 0, 0, check },
		{ "manual", 0, 0, manual },
	};

	return admin_run_verb(verbs, COUNT(verbs), argc, argv);
}
