/*
 * user.c - postlab user: people who have mail here.
 *
 * The import of many is in import.c.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/account.h"
#include "admin/admin.h"
#include "admin/import.h"
#include "admin/password.h"
#include "common/buf.h"
#include "common/secrets_teaching.h"

static const char from_stdin[] = "--password-stdin";

/*
 * Takes ADDRESS and --password-stdin, in either order, from the arguments
 * behind the verb.  False when they are others.
 */
static bool
read_arguments(int argc, char **argv, const char **address, bool *read_password)
{
	*address = NULL;
	*read_password = false;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], from_stdin) == 0)
			*read_password = true;
		else if (*address == NULL && argv[i][0] != '-')
			*address = argv[i];
		else
			return false;
	}
	return *address != NULL;
}

/* Opens what the verbs work on and reads the address.  An exit status. */
static int
begin(struct accounts *accounts, const char *text, struct address *address)
{
	const struct config *config = admin_enter();

	if (!admin_address(text, false, address))
		return EX_DATAERR;
	return accounts_open(accounts, config) == 0 ? EX_OK : EX_TEMPFAIL;
}

static int
refuse(const struct address *address, const char *why)
{
	char text[ADDRESS_TEXT_MAX];

	return admin_error(admin_refusal(why), "%s: %s",
	    address_format(address, text, sizeof(text)), why);
}

static void
ignore_final(void *arg, const struct address *final)
{
	(void)arg;
	(void) final;
}

/*
 * RFC 5321 4.5.1: every domain has a postmaster.  The first person who is
 * added to a domain that has none becomes it; a class that is imported does
 * not.
 */
static void
appoint_postmaster(struct accounts *accounts, const struct address *person)
{
	struct address postmaster = { .local = "postmaster" };
	char text[ADDRESS_TEXT_MAX];
	const char *why;

	memcpy(postmaster.domain, person->domain, sizeof(postmaster.domain));
	if (directory_resolve(accounts->directory, &postmaster, ignore_final,
		NULL) != LOOKUP_NO ||
	    directory_add_alias(accounts->directory, &postmaster, person,
		&why) == -1)
		return;
	fprintf(stderr,
	    "postlab: mail for %s goes there too (RFC 5321 4.5.1)\n",
	    address_format(&postmaster, text, sizeof(text)));
}

/* What add and passwd have in common: STORE does the one or the other. */
static int
give_password(int argc, char **argv, const char *done,
    int (*store)(struct accounts *accounts, const struct address *address,
	const char *password, struct mailbox *mailbox_out, const char **why))
{
	struct accounts accounts;
	struct address address;
	struct mailbox mailbox;
	struct buf password = BUF_INIT;
	const char *text;
	const char *why;
	bool given;
	int status = EX_DATAERR;

	if (!read_arguments(argc, argv, &text, &given))
		return EX_USAGE;
	if (!given)
		password_generate(&password);
	else if (!password_read(&password))
		goto out;
	status = begin(&accounts, text, &address);
	if (status != EX_OK)
		goto out;
	if (store(&accounts, &address, password.data, &mailbox, &why) == 0) {
		printf("%s\t%s%s%s\n", mailbox.login, done, given ? "" : "\t",
		    given ? "" : password.data);
		if (store == accounts_add)
			appoint_postmaster(&accounts, &address);
	} else {
		status = refuse(&address, why);
	}
	accounts_close(&accounts);
out:
	buf_clear(&password);
	return status;
}

static int
add(int argc, char **argv)
{
	return give_password(argc, argv, "added", accounts_add);
}

static int
change_password(int argc, char **argv)
{
	return give_password(argc, argv, "changed", accounts_set_password);
}

/* user apop: a secret of its own, or --remove. */
static int
change_apop(int argc, char **argv)
{
	const struct config *config = admin_enter();
	bool remove = argc == 3 && strcmp(argv[2], "--remove") == 0;
	struct accounts accounts;
	struct address address;
	struct mailbox mailbox;
	struct buf secret = BUF_INIT;
	bool given = false;
	const char *text = argv[1], *why;
	int status = EX_DATAERR;

	if (!remove && !read_arguments(argc, argv, &text, &given))
		return EX_USAGE;
	if (!remove && !(config->apop && config->teaching))
		return admin_error(EX_CONFIG,
		    "[auth] apop and teaching are not both yes: nobody could "
		    "use the secret, which would be kept in clear");
	if (!remove && !given)
		password_generate(&secret);
	else if (!remove && !password_read(&secret))
		goto out;
	status = begin(&accounts, text, &address);
	if (status != EX_OK)
		goto out;
	if (accounts_set_apop(&accounts, &address, remove ? NULL : secret.data,
		&mailbox, &why) == 0)
		printf("%s\tapop %s%s%s\n", mailbox.login,
		    remove ? "removed" : "set", remove || given ? "" : "\t",
		    remove || given ? "" : secret.data);
	else
		status = refuse(&address, why);
	accounts_close(&accounts);
out:
	buf_clear(&secret);
	return status;
}

static void
add_md5_line(void *arg, const char *login)
{
	buf_printf(arg, "%s\tmd5 removed\n", login);
}

/* Everybody's, also of those who are in no directory. */
static int
remove_all_md5(void)
{
	const struct config *config = admin_enter();
	struct secrets *secrets;
	struct buf done = BUF_INIT;
	int rc = -1;

	if (config->teaching)
		return admin_error(EX_CONFIG,
		    "[auth] teaching is yes: CRAM-MD5 and DIGEST-MD5 would end "
		    "for everybody; name a person");
	secrets = secrets_open(true);
	if (secrets != NULL &&
	    secrets_teaching_list(secrets, add_md5_line, &done) == 0)
		rc = secrets_teaching_remove(secrets, NULL);
	if (rc == 0)
		fputs(done.data, stdout);
	secrets_close(secrets);
	buf_clear(&done);
	return rc == 0 ? EX_OK : EX_TEMPFAIL;
}

/* user md5: nobody is given one here, that a password does. */
static int
remove_md5(int argc, char **argv)
{
	struct accounts accounts;
	struct address address;
	struct mailbox mailbox;
	const char *why;
	int status;

	if (strcmp(argv[argc - 1], "--remove") != 0)
		return EX_USAGE;
	if (argc == 2)
		return remove_all_md5();
	status = begin(&accounts, argv[1], &address);
	if (status != EX_OK)
		return status;
	if (accounts_remove_md5(&accounts, &address, &mailbox, &why) == 0)
		printf("%s\tmd5 removed\n", mailbox.login);
	else
		status = refuse(&address, why);
	accounts_close(&accounts);
	return status;
}

static void
print_mailbox(void *arg, const struct mailbox *mailbox)
{
	(void)arg;
	printf("%s\t%s\t%lld\n", mailbox->login,
	    mailbox->disabled ? "disabled" : "active",
	    (long long)mailbox->quota);
}

static int
list_all(struct directory *directory)
{
	return directory_list_mailboxes(directory, print_mailbox, NULL);
}

static int
list(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return admin_list(list_all);
}

static int
set_disabled(char **argv, bool disabled)
{
	struct accounts accounts;
	struct address address;
	struct mailbox mailbox;
	const char *why;
	int status = begin(&accounts, argv[1], &address);

	if (status != EX_OK)
		return status;
	if (accounts_set_disabled(&accounts, &address, disabled, &mailbox,
		&why) == 0)
		printf("%s\t%s\n", mailbox.login,
		    disabled ? "disabled" : "enabled");
	else
		status = refuse(&address, why);
	accounts_close(&accounts);
	return status;
}

static int
disable(int argc, char **argv)
{
	(void)argc;
	return set_disabled(argv, true);
}

static int
enable(int argc, char **argv)
{
	(void)argc;
	return set_disabled(argv, false);
}

static int
limit(int argc, char **argv)
{
	struct accounts accounts;
	struct address address;
	int64_t quota;
	const char *why;
	char text[ADDRESS_TEXT_MAX];
	int status;

	(void)argc;
	if (*argv[2] == '\0' || !import_quota(argv[2], &quota))
		return admin_error(EX_DATAERR,
		    "the quota is a number, with K, M or G; 0 for none");
	status = begin(&accounts, argv[1], &address);
	if (status != EX_OK)
		return status;
	if (directory_set_quota(accounts.directory, &address, quota, &why) == 0)
		printf("%s\tquota\t%lld\n",
		    address_format(&address, text, sizeof(text)),
		    (long long)quota);
	else
		status = refuse(&address, why);
	accounts_close(&accounts);
	return status;
}

/* Says which aliases go with the mailbox ARG. */
static void
print_alias(void *arg, const char *alias, const char *target)
{
	const char *login = arg;
	struct buf shown = BUF_INIT;

	admin_field(&shown, alias);
	if (strcmp(target, login) == 0)
		printf("%s\talias deleted\n", shown.data);
	buf_clear(&shown);
}

static int delete (int argc, char **argv)
{
	struct accounts accounts;
	struct address address;
	struct mailbox mailbox;
	const char *why;
	int status = begin(&accounts, argv[1], &address);

	(void)argc;
	if (status != EX_OK)
		return status;
	if (directory_mailbox(accounts.directory, &address, &mailbox) ==
	    LOOKUP_YES)
		directory_list_aliases(accounts.directory, print_alias,
		    mailbox.login);
	if (accounts_delete(&accounts, &address, &mailbox, &why) == 0)
		printf("%s\tdeleted\tits mail stays in %s/%s\n", mailbox.login,
		    admin_dir(), mailbox.folder);
	else
		status = refuse(&address, why);
	accounts_close(&accounts);
	return status;
}

int
admin_user(int argc, char **argv)
{
	static const struct admin_verb verbs[] = {
		{ "add", 1, 2, add },
		{ "passwd", 1, 2, change_password },
		{ "apop", 1, 2, change_apop },
		{ "md5", 1, 2, remove_md5 },
		{ "list", 0, 0, list },
		{ "disable", 1, 1, disable },
		{ "enable", 1, 1, enable },
		{ "quota", 2, 2, limit },
		{ "delete", 1, 1, delete },
		{ "import", 1, 1, import_users },
	};

	return admin_run_verb(verbs, COUNT(verbs), argc, argv);
}
