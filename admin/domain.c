/* domain.c - postlab domain: domains whose mail is kept here. */
#include <stdio.h>
#include <strings.h>
#include <sysexits.h>

#include "admin/admin.h"
#include "common/address.h"
#include "common/directory.h"
#include "common/log.h"

/*
 * Opens the directory, calls CHANGE with the domain, says what came of it.  A
 * domain in other letters is meant as its A-label; what has none is refused.
 */
static int
change_domain(const char *typed, const char *done,
    int (*change)(struct directory *d, const char *domain, const char **why))
{
	struct directory *directory = directory_open(true);
	char ascii[DOMAIN_MAX + 1];
	const char *domain =
	    domain_to_ascii(typed, ascii, sizeof(ascii)) ? ascii : typed;
	const char *why;
	int status = EX_OK;

	if (directory == NULL)
		return EX_TEMPFAIL;
	if (change(directory, domain, &why) == 0)
		printf("%s\t%s\n", domain, done);
	else
		status = admin_error(admin_refusal(why), "%s: %s",
		    log_safe(domain), why);
	directory_close(directory);
	return status;
}

static int
add(int argc, char **argv)
{
	(void)argc;
	admin_enter();
	return change_domain(argv[1], "added", directory_add_domain);
}

static int delete (int argc, char **argv)
{
	(void)argc;
	if (strcasecmp(argv[1], admin_enter()->domain) == 0)
		return admin_error(EX_DATAERR,
		    "%s is the domain of [server] in postlab.conf",
		    log_safe(argv[1]));
	return change_domain(argv[1], "deleted", directory_delete_domain);
}

static void
print_domain(void *arg, const char *domain)
{
	(void)arg;
	printf("%s\n", domain);
}

static int
list_all(struct directory *directory)
{
	return directory_list_domains(directory, print_domain, NULL);
}

static int
list(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return admin_list(list_all);
}

int
admin_check_domain(const char *domain)
{
	struct directory *directory = directory_open(false);
	enum lookup found;

	if (directory == NULL)
		return EX_TEMPFAIL;
	found = directory_has_domain(directory, domain);
	directory_close(directory);
	if (found == LOOKUP_NO)
		return admin_error(EX_DATAERR,
		    "%s is no domain of ours (postlab domain add)",
		    log_safe(domain));
	return found == LOOKUP_YES ? EX_OK : EX_TEMPFAIL;
}

int
admin_domain(int argc, char **argv)
{
	static const struct admin_verb verbs[] = {
		{ "add", 1, 1, add },
		{ "list", 0, 0, list },
		{ "delete", 1, 1, delete },
	};

	return admin_run_verb(verbs, COUNT(verbs), argc, argv);
}
