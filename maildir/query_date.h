/*
 * query_date.h - a day, month or year as a person types it.
 */
#ifndef MAILDIR_QUERY_DATE_H
#define MAILDIR_QUERY_DATE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* In local time, seconds since 1970. */
struct query_period {
	int64_t begin;
	int64_t end; /* the first moment behind it */
};

/*
 * Reads "2026", "2026-11", "2026-11-22" (or with /), "today", "yesterday", and
 * a day before NOW: "3d", "2w", "6m", "1y".  False when it is none of these.
 */
bool query_date_read(const char *text, time_t now,
    struct query_period *period_out);

#endif
