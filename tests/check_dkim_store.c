/*
 * check_dkim_store.c - keys as files: who may read them, which there are.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/dkim_key.h"
#include "admin/zone.h"
#include "common/buf.h"
#include "common/dkim_store.h"
#include "smtpd/rights.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

static int
add(const char *domain, const char *selector)
{
	return dkim_store_add(domain, selector, "a key\n", 6);
}

START_TEST(a_key_is_its_owners_alone)
{
	struct stat st;

	ck_assert_int_eq(add("Campus.Example", "one"), 0);
	ck_assert_int_eq(stat("dkim/campus.example/one.key", &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777U, 0600);
	ck_assert_int_eq(stat("dkim/campus.example", &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777U, 0700);
	ck_assert_int_eq(access("dkim/campus.example/one.new", F_OK), -1);
}
END_TEST

START_TEST(a_key_is_never_written_over)
{
	struct dkim_keys keys;

	ck_assert_int_eq(add("campus.example", "one"), 0);
	ck_assert_int_eq(dkim_store_add("campus.example", "one", "another\n",
			     8),
	    1);
	ck_assert_int_eq(dkim_store_read("campus.example", &keys), 0);
	ck_assert_uint_eq(keys.count, 1);
	ck_assert_str_eq(keys.list[0].pem, "a key\n");
	dkim_keys_clear(&keys);
}
END_TEST

START_TEST(the_keys_of_a_domain_are_its_files)
{
	struct dkim_keys keys;

	ck_assert(!dkim_store_knows("campus.example"));
	ck_assert_int_eq(dkim_store_read("campus.example", &keys), 0);
	ck_assert_uint_eq(keys.count, 0);
	ck_assert_int_eq(add("campus.example", "two"), 0);
	ck_assert_int_eq(add("campus.example", "one"), 0);
	folder_write("dkim/campus.example/notes.txt", "no key");
	folder_write("dkim/campus.example/Upper.key", "no selector");
	ck_assert(dkim_store_knows("CAMPUS.example"));
	ck_assert_int_eq(dkim_store_read("campus.EXAMPLE", &keys), 0);
	ck_assert_uint_eq(keys.count, 2);
	ck_assert_str_eq(keys.list[0].selector, "one");
	ck_assert_str_eq(keys.list[1].selector, "two");
	dkim_keys_clear(&keys);
}
END_TEST

START_TEST(the_last_key_takes_its_folder_along)
{
	ck_assert_int_eq(add("campus.example", "one"), 0);
	ck_assert_int_eq(dkim_store_remove("campus.example", "two"), 1);
	ck_assert_int_eq(dkim_store_remove("campus.example", "one"), 0);
	ck_assert(!dkim_store_knows("campus.example"));
	ck_assert_int_eq(dkim_store_remove("campus.example", "one"), 1);
}
END_TEST

START_TEST(names_lead_to_no_other_folder)
{
	static const char *const bad[] = { "../tls", ".", "..", "", "a/b",
		"a_b" };

	for (size_t i = 0; i < COUNT(bad); i++) {
		ck_assert(!dkim_store_knows(bad[i]));
		ck_assert_int_eq(add(bad[i], "one"), -1);
		ck_assert_int_eq(add("campus.example", bad[i]), -1);
		ck_assert_int_eq(dkim_store_remove(bad[i], "one"), 1);
		ck_assert_int_eq(dkim_store_remove("campus.example", bad[i]),
		    1);
	}
}
END_TEST

static bool
may_see_keys(const struct sandbox *sandbox)
{
	for (const struct sandbox_path *at = sandbox->paths; at->path != NULL;
	     at++)
		if (strncmp(at->path, DKIM_STORE, strlen(DKIM_STORE)) == 0 ||
		    strcmp(at->path, ".") == 0)
			return true;
	return false;
}

START_TEST(who_meets_strangers_has_no_right_to_a_key)
{
	char why[200] = "";
	struct config *config;
	struct sandbox rights[3];

	folder_write("postlab.conf", "[server]\ndomain = campus.example\n");
	config = config_load("postlab.conf", why, sizeof(why));
	ck_assert_msg(config != NULL, "%s", why);
	rights[0] = rights_of_worker(config);
	rights[1] = rights_of_delivery(config);
	rights[2] = rights_of_manager(config);
	for (size_t i = 0; i < COUNT(rights); i++)
		ck_assert_msg(!may_see_keys(&rights[i]), "%s", rights[i].role);
	config_free(config);
}
END_TEST

/* RFC 8463 A.2: the Ed25519 key of football.example.com, and its record. */
START_TEST(a_record_says_what_the_rfc_does)
{
	static const char pem[] =
	    "-----BEGIN PRIVATE KEY-----\n"
	    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
	    "-----END PRIVATE KEY-----\n";
	struct buf text = BUF_INIT;
	const char *name;

	ck_assert_int_eq(dkim_key_record(pem, &text, &name), 0);
	ck_assert_str_eq(name, "ed25519");
	ck_assert_str_eq(text.data,
	    "v=DKIM1; k=ed25519; "
	    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
	buf_clear(&text);
}
END_TEST

/* RFC 1035 3.3: a string has 255 octets at most. */
START_TEST(a_long_text_is_several_strings)
{
	struct buf line = BUF_INIT;
	char text[300];

	memset(text, 'x', sizeof(text));
	text[1] = '"';
	text[299] = '\0';
	zone_add_text(&line, "a.example", text);
	ck_assert_int_eq(strncmp(line.data, "a.example. 3600 IN TXT \"x\\\"xx",
			     29),
	    0);
	ck_assert_uint_eq(line.size,
	    strlen("a.example. 3600 IN TXT ") + 299 + 1 + 4 + 1 + 1);
	ck_assert_ptr_nonnull(strstr(line.data, "x\" \"x"));
	buf_clear(&line);
}
END_TEST

Suite *
dkim_store_suite(void)
{
	Suite *s = suite_create("dkim_store");
	TCase *tc = tcase_create("dkim_store");

	tcase_add_checked_fixture(tc, folder_enter, folder_leave);
	tcase_add_test(tc, a_key_is_its_owners_alone);
	tcase_add_test(tc, a_key_is_never_written_over);
	tcase_add_test(tc, the_keys_of_a_domain_are_its_files);
	tcase_add_test(tc, the_last_key_takes_its_folder_along);
	tcase_add_test(tc, names_lead_to_no_other_folder);
	tcase_add_test(tc, who_meets_strangers_has_no_right_to_a_key);
	tcase_add_test(tc, a_record_says_what_the_rfc_does);
	tcase_add_test(tc, a_long_text_is_several_strings);
	suite_add_tcase(s, tc);
	return s;
}
