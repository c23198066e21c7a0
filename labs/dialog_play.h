/*
 * dialog_play.h - plays a script against real servers.
 */
#ifndef LABS_DIALOG_PLAY_H
#define LABS_DIALOG_PLAY_H

#include "labs/dialog_script.h"
#include "labs/dialog_values.h"

#include <stdbool.h>

/* The roles a dialog can CONNECT to; the table ends with a NULL name. */
struct role {
	const char *name;
	int port;            /* well-known; 0: has no TCP port */
	const char *address; /* as given, NULL: 127.0.0.1, port + base */
};

struct player_options {
	const struct role *roles;
	int base;
	int timeout; /* seconds */
	bool burst;
	bool verbose;
	const char *ca_file;         /* for TLS verify; NULL: the system's */
	const struct values *values; /* given beforehand */
};

/* Whether all came out as written; if not, what differs has been printed. */
bool dialog_play(const struct script *script,
    const struct player_options *options);

#endif
