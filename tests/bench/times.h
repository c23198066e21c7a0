/*
 * times.h - a clock, and how long many things took.  For the load clients.
 */
#ifndef TESTS_BENCH_TIMES_H
#define TESTS_BENCH_TIMES_H

#include <stddef.h>

/* Seconds of a clock that only goes forward. */
double now(void);

/* All zero to begin with. */
struct times {
	double *list; /* seconds each */
	size_t count;
	size_t room;
};

void times_note(struct times *times, double seconds);

/* Before times_part(). */
void times_sort(struct times *times);

/* The time that PART of them, 0 to 1, do not exceed; in ms, 0 of none. */
double times_part(const struct times *times, double part);

#endif
