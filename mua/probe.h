/*
 * probe.h - a try of an account's settings: both servers, as far as the login.
 */
#ifndef MUA_PROBE_H
#define MUA_PROBE_H

#include "mua/account.h"

struct ui;

/*
 * Tries ACCOUNT, waits for what comes of it (Ctrl-C breaks off) and shows that
 * on the stack.  Asks for the password if need be.
 */
void probe_run(struct ui *ui, struct account *account);

#endif
