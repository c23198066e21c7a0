/*
 * check_findings.c - the field Authentication-Results, and how it comes to its
 * place before the message.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "smtpd/findings.h"
#include "smtpd/spool.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

START_TEST(names_from_a_message_cannot_write_the_field)
{
	struct findings findings = {
		.signature_count = 2,
		.signatures = {
			{ .finding = FINDING_PASS, .domain = "x; dkim=pass",
			  .selector = "a\nB: c", .bits = 1024 },
			{ .finding = FINDING_FAIL, .domain = "good.example",
			  .selector = "s_1", .algorithm = "rsa-sha256",
			  .why = "body hash did not verify" },
		},
		.spf = { .finding = FINDING_FAIL, .domain = "(x" },
		.dmarc = { .finding = FINDING_PASS, .domain = "a.example",
		    .policy = "none" },
	};
	struct buf text = BUF_INIT;

	findings_write(&findings, &text);
	ck_assert_str_eq(text.data,
	    ";\n\tdkim=pass (1024-bit key)"
	    ";\n\tdkim=fail (body hash did not verify) "
	    "header.d=good.example header.s=s_1 header.a=rsa-sha256"
	    ";\n\tspf=fail"
	    ";\n\tdmarc=pass (p=none) header.from=a.example\n");
	buf_clear(&text);
}
END_TEST

START_TEST(a_field_is_put_before_a_message_of_any_size)
{
	static const size_t sizes[] = { 0, 10, MAIL_SPOOL_MEMORY - 2,
		MAIL_SPOOL_MEMORY, MAIL_SPOOL_MEMORY + 1, 300000 };
	struct mail_spool spool;
	char *data = xcalloc(1, sizes[_i] + 1);
	struct buf text = BUF_INIT;

	memset(data, 'x', sizes[_i]);
	ck_assert_int_eq(mkdir("spool", 0700), 0);
	mail_spool_init(&spool, AT_FDCWD);
	ck_assert_int_eq(mail_spool_add(&spool, data, sizes[_i]), 0);
	ck_assert_int_eq(mail_spool_prepend(&spool, "A: b\n"), 0);
	ck_assert_int_eq(spool.size, (int64_t)sizes[_i] + 5);
	ck_assert_int_eq(lseek(mail_spool_fd(&spool), 0, SEEK_SET), 0);
	ck_assert_int_eq(buf_read(&text, spool.fd, 1 << 20), 0);
	ck_assert_uint_eq(text.size, sizes[_i] + 5);
	ck_assert_int_eq(strncmp(text.data, "A: b\n", 5), 0);
	ck_assert_str_eq(text.data + 5, data);
	buf_clear(&text);
	mail_spool_clear(&spool);
	free(data);
}
END_TEST

Suite *
findings_suite(void)
{
	Suite *s = suite_create("findings");
	TCase *tc = tcase_create("findings");

	tcase_add_checked_fixture(tc, folder_enter, folder_leave);
	tcase_add_test(tc, names_from_a_message_cannot_write_the_field);
	tcase_add_loop_test(tc, a_field_is_put_before_a_message_of_any_size, 0,
	    6);
	suite_add_tcase(s, tc);
	return s;
}
