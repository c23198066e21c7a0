/*
 * explain.c - postlab explain: the plain words below refusals.
 *
 * Without arguments those that are built in, to be translated; with a
 * reply, and perhaps the line it answers, what is said below that one.
 */
#include <sysexits.h>

#include "admin/admin.h"
#include "admin/daemons.h"

int
admin_explain(int argc, char **argv)
{
	const char *question[] = { "smtpd", "explain", NULL, NULL, NULL, NULL,
		NULL, NULL };
	int smtpd = daemon_find("smtpd");

	if (argc > 3)
		return EX_USAGE;
	if (argc > 1) {
		admin_enter();
		question[2] = "-d";
		question[3] = ".";
		question[4] = "--"; /* a reply may be -ERR */
		question[5] = argv[1];
		question[6] = argc > 2 ? argv[2] : NULL;
	}
	return daemon_run(smtpd, question, NULL);
}
