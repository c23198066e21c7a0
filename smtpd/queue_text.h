/*
 * queue_text.h - the text of an envelope file, without the files: for queue.c.
 *
 * One fact a line, "key value", LF; docs/QUEUE.md lists the keys.  In values
 * every control character, every byte above 126 and '%' is written %XX, in
 * words also the blank, so no foreign byte can make a line of its own.
 */
#ifndef SMTPD_QUEUE_TEXT_H
#define SMTPD_QUEUE_TEXT_H

#include "common/buf.h"
#include "smtpd/queue.h"

#define QUEUE_TEXT_MAGIC "postlab-queue 1\n"

/*
 * The string of ENTRY that is written as line I of its kind, the sender first,
 * and its key.  NULL behind the last one.
 */
char **queue_text_member(struct queue_entry *entry, size_t i,
    const char **key_out);

/* Appends the part that is written once, "end" included. */
void queue_text_head(const struct queue_entry *entry, struct buf *to);

/* Appends the line about recipient I, at WHEN. */
void queue_text_result(size_t i, int64_t when, const struct reply *r,
    struct buf *to);

/* Appends the last word about recipient I, and whose it is. */
void queue_text_last(const struct queue_entry *entry, size_t i, struct buf *to);

/* Appends the last words that are fresh, and what is told of these. */
void queue_text_fresh(const struct queue_entry *entry, struct buf *to);

/* Appends what the sender was told: "told NUMBER BITS". */
void queue_text_told(const struct queue_entry *entry, struct buf *to);

/* Appends the attempt, if there was one. */
void queue_text_attempt(const struct queue_entry *entry, struct buf *to);

/* Appends what has been found out: results, the attempt, held, withdrawn. */
void queue_text_outcomes(const struct queue_entry *entry, struct buf *to);

/*
 * Reads TEXT into ENTRY, which must be all zero.  Returns how many of its
 * SIZE bytes are whole lines, or 0 when it is not complete up to "end" or no
 * envelope.  A last line without LF, left by a power cut, is not looked at;
 * keys unknown here are skipped.
 */
size_t queue_text_parse(const char *text, size_t size,
    struct queue_entry *entry);

#endif
