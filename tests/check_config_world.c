/*
 * check_config_world.c - a file as an operator would write it, and its reading.
 */
#include "tests/check_config_world.h"

#include "tests/check_folder.h"
#include "tests/suites.h"

const char config_good[] = "# a comment\n"
			   "[server]\n"
			   "domain = Campus.Example\n"
			   "[smtpd]\n"
			   "command_timeout = 90 ; seconds\n"
			   "data_timeout = 2h\n"
			   "[auth]\n"
			   "teaching = Yes\n"
			   "[listen mta]\n"
			   "protocol = mta\n"
			   "[listen msas]\n"
			   "protocol = msa\n"
			   "tls = implicit\n"
			   "leniency = classroom\n"
			   "[listen lmtp]\n"
			   "protocol = lmtp\n"
			   "address = unix:run/lmtp\n";

struct config *
config_of(const char *text)
{
	char why[512] = "";
	struct config *config;

	folder_write("postlab.conf", text);
	config = config_load("postlab.conf", why, sizeof(why));
	ck_assert_msg(config != NULL, "%s", why);
	return config;
}
