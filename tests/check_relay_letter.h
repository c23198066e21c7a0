/*
 * check_relay_letter.h - one letter that is to go to another host, without the
 * queue and the worker that would send it.
 */
#ifndef TESTS_CHECK_RELAY_LETTER_H
#define TESTS_CHECK_RELAY_LETTER_H

#include "common/config.h"
#include "smtpd/relay_batch.h"

/* Whose config, bdat and envelope these are. */
extern struct relay_job relay_letter_job;
extern struct config relay_letter_config;
extern struct relay_bdat relay_letter_bdat;
extern struct queue_entry relay_letter_entry;

/*
 * For a checked fixture: a folder of its own, with queue/incoming, which at the
 * end holds nothing else.
 */
void relay_letter_begin(void);
void relay_letter_end(void);

/* TEXT, from a@campus.example with PARAMETERS of MAIL to b@far.example. */
void relay_letter_write(const char *text, const char *parameters);

#endif
