/*
 * check_auth_known.c - passwords that were right a while ago.
 *
 * The secrets were made by Python's hashlib, of the salt "0123456789abcdef".
 */
#include "common/auth_known.h"

#include <check.h>
#include <string.h>
#include <time.h>

#include "tests/suites.h"

static const struct secret pencil = {
	.scram_sha256 = "SCRAM-SHA-256$200000:MDEyMzQ1Njc4OWFiY2RlZg==$"
			"hYPdnwc9oAaGf2FemsOa5BRUVyZR+jKZQuGACkzo9bs="
			":0oduMibdUA9dfP00jUKB7AM3cfcEj9AMPf97a7QwWLw=",
};
static const struct secret pen = {
	.scram_sha256 = "SCRAM-SHA-256$200000:MDEyMzQ1Njc4OWFiY2RlZg==$"
			"3JAiO2bMzhbJpt8o+365nyvOYF4oYhzTnafLmusU6w0="
			":nA85QU2jMfM8UJktRaVPR6X/KfBsoyVQIAMyqpZGiF8=",
};

static bool
knows(const struct secret *secret, const char *password, long now)
{
	return known_verify(secret, password, strlen(password), now);
}

START_TEST(what_was_right_stays_right_and_what_is_wrong_wrong)
{
	ck_assert(!knows(&pencil, "Pencil", 1));
	ck_assert(knows(&pencil, "pencil", 1));
	ck_assert(knows(&pencil, "pencil", 2));
	ck_assert(!knows(&pencil, "Pencil", 2));
	ck_assert(!knows(&pencil, "pen", 2));
	ck_assert(!knows(&pencil, "", 2));
	ck_assert(!known_verify(&pencil, "pencil\0", 7, 2));
	ck_assert(!knows(NULL, "pencil", 2));
	/* And when it is forgotten. */
	ck_assert(knows(&pencil, "pencil", 2 + KNOWN_SECONDS));
	ck_assert(!knows(&pencil, "Pencil", 2 + KNOWN_SECONDS));
}
END_TEST

START_TEST(a_password_that_was_changed_is_the_old_one_no_more)
{
	ck_assert(knows(&pencil, "pencil", 1));
	ck_assert(!knows(&pen, "pencil", 1));
	ck_assert(knows(&pen, "pen", 1));
	ck_assert(!knows(&pencil, "pen", 1));
}
END_TEST

/* In time of the processor, each beside the other. */
START_TEST(the_second_time_costs_next_to_nothing)
{
	clock_t start = clock();
	clock_t once, again;

	ck_assert(knows(&pencil, "pencil", 1));
	once = clock() - start;
	start = clock();
	for (int i = 0; i < 20; i++)
		ck_assert(knows(&pencil, "pencil", 1));
	again = clock() - start;
	ck_assert_int_lt(again, once);
	/* A wrong one costs what it always did. */
	start = clock();
	for (int i = 0; i < 3; i++)
		ck_assert(!knows(&pencil, "Pencil", 1));
	ck_assert_int_gt(clock() - start, once);
}
END_TEST

Suite *
auth_known_suite(void)
{
	Suite *suite = suite_create("auth_known");
	TCase *tcase = tcase_create("known");

	tcase_add_test(tcase,
	    what_was_right_stays_right_and_what_is_wrong_wrong);
	tcase_add_test(tcase,
	    a_password_that_was_changed_is_the_old_one_no_more);
	tcase_add_test(tcase, the_second_time_costs_next_to_nothing);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}
