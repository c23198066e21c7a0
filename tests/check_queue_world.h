/*
 * check_queue_world.h - an empty queue in a temporary folder, and the one
 * message the tests of the queue put into it.
 */
#ifndef TESTS_CHECK_QUEUE_WORLD_H
#define TESTS_CHECK_QUEUE_WORLD_H

#include <stdbool.h>

#define QUEUE_TEST_ID "3F2A9C01B7D4E5"
#define QUEUE_TEST_ENV "queue/3F2A9C01B7D4E5.env"
#define QUEUE_TEST_MSG "queue/3F2A9C01B7D4E5.msg"

/* Of the message; it has 33 octets. */
extern const char queue_test_text[];

/* Fixtures: make queue/ in a fresh folder and open it; take it away. */
void queue_world_make(void);
void queue_world_remove(void);

/* Descriptors of queue/ and queue/incoming between the two. */
extern int queue_world;
extern int incoming_world;

/* The message, in memory or as a file without name in queue/spool. */
int queue_test_in_memory(void);
int queue_test_without_name(void);

/* Commits it for bob@campus.example; returns what queue_commit() does. */
int queue_test_commit(int message_fd);

/*
 * Whether the queue has it, by the manager's eyes.  Half of it fails the test.
 */
bool queue_test_is_there(void);

/* Cleans as the manager does; fails unless queue/ is empty then. */
void ck_queue_is_empty(void);

/* Fails unless the file PATH holds EXPECTED. */
void ck_file(const char *path, const char *expected);

#endif
