/* check_authenticity_world.c - our resolver, and whom it asks. */
#include "tests/check_authenticity_world.h"

#include <check.h>
#include <stdio.h>

#include "common/config.h"
#include "common/dns.h"
#include "tests/check_folder.h"

struct bounded_dns authenticity_dns;

static struct config *config;

void
authenticity_world_make(const struct dns_row *rows)
{
	char text[200];
	char why[200] = "";

	folder_enter();
	(void)snprintf(text, sizeof(text),
	    "[server]\ndomain = campus.example\n"
	    "[dns]\nresolver = 127.0.0.1@%d\n",
	    dns_server_start(rows));
	folder_write("postlab.conf", text);
	config = config_load("postlab.conf", why, sizeof(why));
	ck_assert_msg(config != NULL, "%s", why);
	authenticity_dns = bounded_dns_begin(dns_open(config), 100, 60);
}

void
authenticity_world_remove(void)
{
	dns_close(authenticity_dns.dns);
	config_free(config);
	dns_server_stop();
	folder_leave();
}
