/*
 * check_address.c - postlab check-address: what would become of a message.
 *
 * The rules are smtpd's, so smtpd is asked (smtpd/check_address.c).
 */
#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/daemons.h"

int
admin_check_address(int argc, char **argv)
{
	int smtpd = daemon_find("smtpd");
	const char **question = xcalloc((size_t)argc + 4, sizeof(*question));
	int status;

	question[0] = "smtpd";
	question[1] = "check-address";
	question[2] = "-d";
	question[3] = ".";
	for (int i = 1; i < argc; i++)
		question[i + 3] = argv[i];
	admin_enter();
	status = daemon_run(smtpd, question, NULL);
	free((void *)question);
	return status;
}
