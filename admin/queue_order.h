/*
 * queue_order.h - what the operator does to queued messages.
 *
 * It is done to the files, with the envelope's lock held, so nothing happens to
 * a message that is being delivered just then, and it works whether smtpd runs
 * or not.  Afterwards the queue manager is told to look.  To have mail tried at
 * once is the manager's own work (queue_retry.c).
 */
#ifndef ADMIN_QUEUE_ORDER_H
#define ADMIN_QUEUE_ORDER_H

#include "admin/queue_choice.h"

/* The verbs of postlab queue; the verb is in argv[0].  Exit status. */
int queue_order_hold(int argc, char **argv);
int queue_order_release(int argc, char **argv);
int queue_order_delete(int argc, char **argv);
int queue_order_bounce(int argc, char **argv);

#endif
