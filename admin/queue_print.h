/* queue_print.h - what postlab queue prints about an envelope. */
#ifndef ADMIN_QUEUE_PRINT_H
#define ADMIN_QUEUE_PRINT_H

#include "common/buf.h"
#include "smtpd/queue.h"

/* 2026-11-22T02:13:17Z */
void queue_print_time(struct buf *to, int64_t when);

/* ID, arrival, size, sender, waiting of all, next attempt, last word. */
void queue_print_line(struct buf *to, const struct queue_entry *entry);

/* The same and more, as a JSON object. */
void queue_print_json(struct buf *to, const struct queue_entry *entry);

/* All of it, for a person, in lines. */
void queue_print_whole(struct buf *to, const struct queue_entry *entry);

#endif
