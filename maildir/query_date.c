/*
 * query_date.c - a day, month or year as a person types it.
 *
 * mktime() knows the calendar: the 32nd of a month is the 1st of the next.
 */
#include "maildir/query_date.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { YEAR_MIN = 1970, YEAR_MAX = 9999, COUNT_MAX = 9999 };

/* The day that begins at DAY, a month or a year, by what is 1. */
static struct query_period
period_of(struct tm day, int years, int months, int days)
{
	struct tm after = day;

	day.tm_isdst = -1;
	after.tm_isdst = -1;
	after.tm_year += years;
	after.tm_mon += months;
	after.tm_mday += days;
	return (struct query_period){ mktime(&day), mktime(&after) };
}

/* Digits at *TEXT, at most WIDTH of them; -1 without. */
static int
read_number(const char **text, int width)
{
	int number = -1;

	for (; width > 0 && isdigit((unsigned char)**text); width--)
		number = (number == -1 ? 0 : number * 10) + *(*text)++ - '0';
	return number;
}

static bool
skip_dash(const char **text)
{
	if (**text != '-' && **text != '/')
		return false;
	++*text;
	return true;
}

/* 2026, 2026-11, 2026-11-22 */
static bool
read_calendar(const char *text, struct query_period *period_out)
{
	struct tm day = { .tm_mday = 1 };
	int year = read_number(&text, 4);
	bool has_month = skip_dash(&text);
	int month = has_month ? read_number(&text, 2) : 1;
	bool has_day = has_month && skip_dash(&text);
	int mday = has_day ? read_number(&text, 2) : 1;

	if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 ||
	    mday < 1 || mday > 31 || *text != '\0')
		return false;
	day.tm_year = year - 1900;
	day.tm_mon = month - 1;
	day.tm_mday = mday;
	*period_out =
	    period_of(day, !has_month, has_month && !has_day, has_day);
	return true;
}

/* 3d, 2w, 6m, 1y before TODAY */
static bool
read_distance(const char *text, struct tm today,
    struct query_period *period_out)
{
	int count = read_number(&text, 4);

	if (count < 0 || count > COUNT_MAX || text[0] == '\0' ||
	    text[1] != '\0')
		return false;
	switch (tolower((unsigned char)text[0])) {
	case 'd':
		today.tm_mday -= count;
		break;
	case 'w':
		today.tm_mday -= 7 * count;
		break;
	case 'm':
		today.tm_mon -= count;
		break;
	case 'y':
		today.tm_year -= count;
		break;
	default:
		return false;
	}
	*period_out = period_of(today, 0, 0, 1);
	return true;
}

bool
query_date_read(const char *text, time_t now, struct query_period *period_out)
{
	struct tm today;

	localtime_r(&now, &today);
	today.tm_hour = 0;
	today.tm_min = 0;
	today.tm_sec = 0;
	if (strcasecmp(text, "today") == 0) {
		*period_out = period_of(today, 0, 0, 1);
		return true;
	}
	if (strcasecmp(text, "yesterday") == 0)
		return read_distance("1d", today, period_out);
	return read_calendar(text, period_out) ||
	    read_distance(text, today, period_out);
}
