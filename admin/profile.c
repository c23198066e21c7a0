/*
 * profile.c - what a fresh postlab.conf says.
 *
 * Only what somebody is likely to look for is written; for everything else the
 * programs' defaults hold, and improve with the programs.
 */
#include "admin/profile.h"

#include <stdbool.h>
#include <string.h>

#include "common/mem.h"

/* One row a way to use the system. */
struct profile {
	const char *name;
	const char *leniency;
	bool cleartext; /* passwords without TLS, on loopback */
	bool teaching;
	bool explain;
	bool evidence;
	bool faults;              /* on purpose, from the MTA */
	int failures;             /* of logins a minute from an address */
	const char *authenticity; /* of mail from other hosts */
};

/* clang-format off */
static const struct profile profiles[] = {
	/* name       leniency   cleartext teaching explain evidence faults failures
	   authenticity */
	{ "homelab",   "strict",    false, false, false, false, false, 20, "note" },
	{ "classroom", "classroom", true,  true,  true,  true,  true, 1000, "off" },
};

/* One row a [listen NAME]. */
static const struct port {
	const char *name;
	const char *comment;
	const char *protocol;
	int port; /* 0: a Unix socket */
	const char *tls;
	const char *auth; /* NULL: not SMTP */
} ports[] = {
	{ "mta", "Mail from other servers.",
	  "mta", 25, "starttls", "off" },
	{ "msa", "Mail from people's programs: they log in first.",
	  "msa", 587, "starttls", "required" },
	{ "msas", "The same, encrypted from the first byte.",
	  "msa", 465, "implicit", "required" },
	{ "pop3", "People fetch their mail.",
	  "pop3", 110, "starttls", NULL },
	{ "pop3s", "The same, encrypted from the first byte.",
	  "pop3", 995, "implicit", NULL },
	{ "lmtp", "smtpd hands local mail to mda.",
	  "lmtp", 0, NULL, NULL },
};
/* clang-format on */

static const char *
yes_no(bool yes)
{
	return yes ? "yes" : "no";
}

const struct profile *
profile_find(const char *name)
{
	for (size_t i = 0; i < COUNT(profiles); i++) {
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
	}
	return NULL;
}

static void
write_port(const struct profile *profile, const struct port *port,
    struct buf *to)
{
	buf_printf(to, "\n# %s\n[listen %s]\nprotocol = %s\n", port->comment,
	    port->name, port->protocol);
	if (port->port == 0) {
		buf_addstr(to, "address = unix:run/lmtp\n");
		return;
	}
	buf_printf(to, "port = %d\naddress = 127.0.0.1 ::1\ntls = %s\n",
	    port->port, port->tls);
	if (port->auth != NULL)
		buf_printf(to, "auth = %s\nauthenticity = %s\n", port->auth,
		    profile->authenticity);
	buf_printf(to, "cleartext = %s\n", yes_no(profile->cleartext));
	buf_printf(to, "leniency = %s\nexplain = %s\nevidence = %s\n",
	    profile->leniency, yes_no(profile->explain),
	    yes_no(profile->evidence));
	if (profile->faults && strcmp(port->name, "mta") == 0)
		buf_addstr(to,
		    "# Recipients such as 450.busy are refused on purpose.\n"
		    "faults = yes\n");
}

void
profile_write(const struct profile *profile, const char *domain,
    const char *hostname, int port_base, struct buf *to)
{
	buf_printf(to,
	    "# Postlab's configuration; postlab.conf(5) explains every key.\n"
	    "# All keys with the values in force: postlab config show.\n"
	    "# After a change: postlab config check.\n"
	    "\n"
	    "[server]\n"
	    "domain = %s\n"
	    "hostname = %s\n"
	    "# Added to each port below, so that nobody needs to be root; "
	    "0 for the real ones.\n"
	    "port_base = %d\n"
	    "\n"
	    "[auth]\n"
	    "# Keeps MD5 secrets, with which one can learn CRAM-MD5.\n"
	    "teaching = %s\n"
	    "# From one address; a class may share one.\n"
	    "failures_per_minute = %d\n",
	    domain, hostname, port_base, yes_no(profile->teaching),
	    profile->failures);
	for (size_t i = 0; i < COUNT(ports); i++)
		write_port(profile, &ports[i], to);
}
