/*
 * mailbox.h - the process that a login is granted: it can open this one
 * Maildir and nothing else.
 */
#ifndef POP3D_MAILBOX_H
#define POP3D_MAILBOX_H

#include "common/config.h"
#include "common/server.h"

/* Once in the master: what each mailbox process would have to do anew. */
void mailbox_prepare(void);

/* From here on this process reaches FOLDER and no other file.  0 or -1. */
int mailbox_confine(const char *folder);

/*
 * As serve_grant() of server.h.  TEXT is "LOGIN FOLDER", FD leads to the front
 * (handover.h).  Returns when the session is over.
 */
enum served mailbox_serve(const struct config *config, int fd,
    const char *text);

#endif
