/*
 * auth_helper.h - the only process that can read the password store.
 *
 * Cyrus SASL's server side with our auxprop plugin, behind run/PROGRAM-auth.
 * One process multiplexes all attempts: each connection is one attempt with a
 * SASL handle of its own.  It reads nothing from the network, only decoded
 * SASL responses of bounded size.
 */
#ifndef COMMON_AUTH_HELPER_H
#define COMMON_AUTH_HELPER_H

#include "common/config.h"

/*
 * Runs as a helper of server.h until CHANNEL ends.  With GRANTS each success
 * also makes a socket pair: one end goes to the master with the text
 * "LOGIN FOLDER" (server_grant), the other to the session.
 */
int auth_helper_run(const struct config *config, int channel,
    const char *program, bool grants);

#endif
