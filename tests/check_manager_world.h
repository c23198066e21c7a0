/*
 * check_manager_world.h - a queue manager for the tests, in the folder of
 * check_smtpd_world.h.
 */
#ifndef TESTS_CHECK_MANAGER_WORLD_H
#define TESTS_CHECK_MANAGER_WORLD_H

#include <sys/types.h>

/* The one that was started last, and our end of its channel. */
extern pid_t manager_pid;
extern int manager_channel;

void manager_test_start(void);

/* Waits until it answers calls: then it hears of everything else. */
void manager_test_is_there(void);

/* As a master does when it ends. */
void manager_test_stop(void);

/*
 * Waits until so many envelopes are left, and with 0 no message either; fails
 * after ten seconds.
 */
void manager_test_await(int count);

#endif
