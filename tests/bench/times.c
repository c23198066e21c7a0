/* times.c - a clock, and how long many things took. */
#include "tests/bench/times.h"

#include <stdlib.h>
#include <time.h>

#include "common/mem.h"

double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void
times_note(struct times *times, double seconds)
{
	if (times->count == times->room) {
		times->room = times->room == 0 ? 1024 : times->room * 2;
		times->list =
		    xrealloc(times->list, times->room * sizeof(*times->list));
	}
	times->list[times->count++] = seconds;
}

static int
compare(const void *a, const void *b)
{
	double first = *(const double *)a;
	double second = *(const double *)b;

	return (first > second) - (first < second);
}

void
times_sort(struct times *times)
{
	if (times->count > 0)
		qsort(times->list, times->count, sizeof(*times->list), compare);
}

double
times_part(const struct times *times, double part)
{
	size_t i = (size_t)(part * (double)(times->count - 1) + 0.5);

	return times->count == 0 ? 0 : times->list[i] * 1000;
}
