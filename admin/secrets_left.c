/*
 * secrets_left.c - secrets that open nothing, and are in every backup.
 *
 * To turn a mechanism off removes nothing: it may be turned on again next week.
 */
#include "admin/secrets_left.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/shell_word.h"
#include "common/buf.h"
#include "common/config.h"
#include "common/secrets_apop.h"
#include "common/secrets_teaching.h"

struct owners {
	int count;
	struct buf commands; /* that take their secrets away, a line each */
};

static void
add_apop_owner(void *arg, const char *login)
{
	struct owners *owners = arg;
	char *word = shell_word(login);

	owners->count++;
	buf_printf(&owners->commands, "\tpostlab user apop %s --remove\n",
	    word);
	free(word);
}

static const char *
people(int count)
{
	return count == 1 ? "person" : "people";
}

static int
warn_of_apop(struct secrets *secrets)
{
	struct owners owners = { 0, BUF_INIT };
	int rc = secrets_apop_list(secrets, add_apop_owner, &owners);

	if (rc == 0 && owners.count > 0) {
		printf("[auth] APOP is off, and secrets.sqlite still has "
		       "the clear secrets of %d %s for it, which open "
		       "nothing; take them away:\n%s",
		    owners.count, people(owners.count), owners.commands.data);
		rc = 1;
	}
	buf_clear(&owners.commands);
	return rc;
}

static void
count_owner(void *arg, const char *login)
{
	int *count = arg;

	(void)login;
	(*count)++;
}

/* Everybody who got a password then has them: one command for all. */
static int
warn_of_md5(struct secrets *secrets)
{
	int count = 0;

	if (secrets_teaching_list(secrets, count_owner, &count) == -1)
		return -1;
	if (count == 0)
		return 0;
	printf("[auth] teaching is off, and secrets.sqlite still has the MD5 "
	       "secrets of %d %s for CRAM-MD5 and DIGEST-MD5, which open "
	       "nothing, but from which a weak password is quickly guessed; "
	       "take them away:\n\tpostlab user md5 --remove\n",
	    count, people(count));
	return 1;
}

int
secrets_left_warn(const struct config *config)
{
	struct secrets *secrets;
	int apop = 0, md5 = 0;

	if (config->apop && config->teaching)
		return 0;
	/* A host that only stores mail need not have one. */
	if (access("secrets.sqlite", F_OK) == -1 && errno == ENOENT)
		return 0;
	secrets = secrets_open(false);
	if (secrets == NULL)
		return -1;
	apop = warn_of_apop(secrets);
	if (!config->teaching)
		md5 = warn_of_md5(secrets);
	secrets_close(secrets);
	return apop == -1 || md5 == -1 ? -1 : apop + md5;
}
