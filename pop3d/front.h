/*
 * front.h - a client before its login, in a worker that can open no file.
 */
#ifndef POP3D_FRONT_H
#define POP3D_FRONT_H

#include "common/sandbox.h"
#include "common/server.h"

/* No file at all; the way to the auth helper. */
extern const struct sandbox front_sandbox;

/* Talks with a client until it leaves, or has gone over to its mailbox. */
enum served front_serve(const struct config *config, struct conn *conn,
    const struct listener *listener, const struct peer *peer);

#endif
