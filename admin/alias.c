/* alias.c - postlab alias: other names, lists and catch-alls. */
#include <stdio.h>
#include <sysexits.h>

#include "admin/admin.h"
#include "common/buf.h"
#include "common/directory.h"

static int
refuse(const char *alias, const char *why)
{
	struct buf shown = BUF_INIT;
	int status;

	admin_field(&shown, alias);
	status = admin_error(admin_refusal(why), "%s: %s", shown.data, why);
	buf_clear(&shown);
	return status;
}

static void
print_change(const char *alias, const char *change)
{
	struct buf shown = BUF_INIT;

	admin_field(&shown, alias);
	printf("%s\t%s\n", shown.data, change);
	buf_clear(&shown);
}

static int
add(int argc, char **argv)
{
	struct address alias;
	struct address target;
	struct directory *directory;
	const char *why;
	int status = EX_OK;

	(void)argc;
	admin_enter();
	if (!admin_address(argv[1], true, &alias) ||
	    !admin_address(argv[2], false, &target))
		return EX_DATAERR;
	directory = directory_open(true);
	if (directory == NULL)
		return EX_TEMPFAIL;
	if (directory_add_alias(directory, &alias, &target, &why) == 0)
		print_change(argv[1], "added");
	else
		status = refuse(argv[1], why);
	directory_close(directory);
	return status;
}

static int delete (int argc, char **argv)
{
	struct address alias;
	struct address target;
	struct directory *directory;
	const char *why;
	int status = EX_OK;

	admin_enter();
	if (!admin_address(argv[1], true, &alias) ||
	    (argc > 2 && !admin_address(argv[2], false, &target)))
		return EX_DATAERR;
	directory = directory_open(true);
	if (directory == NULL)
		return EX_TEMPFAIL;
	if (directory_delete_alias(directory, &alias, argc > 2 ? &target : NULL,
		&why) == 0)
		print_change(argv[1], "deleted");
	else
		status = refuse(argv[1], why);
	directory_close(directory);
	return status;
}

static void
print_alias(void *arg, const char *alias, const char *target)
{
	struct buf line = BUF_INIT;

	(void)arg;
	admin_field(&line, alias);
	buf_addchar(&line, '\t');
	admin_field(&line, target);
	printf("%s\n", line.data);
	buf_clear(&line);
}

static int
list_all(struct directory *directory)
{
	return directory_list_aliases(directory, print_alias, NULL);
}

static int
list(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return admin_list(list_all);
}

int
admin_alias(int argc, char **argv)
{
	static const struct admin_verb verbs[] = {
		{ "add", 2, 2, add },
		{ "list", 0, 0, list },
		{ "delete", 1, 2, delete },
	};

	return admin_run_verb(verbs, COUNT(verbs), argc, argv);
}
