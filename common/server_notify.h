/*
 * server_notify.h - tells the supervisor how the master is doing.
 *
 * systemd's protocol (sd_notify(3)): datagrams of NAME=VALUE lines to the Unix
 * socket named in NOTIFY_SOCKET.  postlab up receives the same.
 */
#ifndef COMMON_SERVER_NOTIFY_H
#define COMMON_SERVER_NOTIFY_H

/*
 * "READY=1", "STOPPING=1", "RELOADING=1" (with the time systemd wants).  Does
 * nothing when nobody asked; trouble is logged and no matter.
 */
void notify_send(const char *state);

#endif
