/* check_fault.c - faults as they are written. */
#include <limits.h>

#include "common/config_form.h"
#include "common/fault.h"
#include "common/mem.h"
#include "tests/suites.h"

static const struct {
	const char *text;
	enum fault_kind kind;
	enum fault_place place;
	int code;
} faults[] = {
	/* clang-format off */
	{ "450.busy",        FAULT_REPLY,   FAULT_RCPT,     450 },
	{ "452.full",        FAULT_REPLY,   FAULT_RCPT,     452 },
	{ "550.rcpt",        FAULT_REPLY,   FAULT_RCPT,     550 },
	{ "421.connect",     FAULT_REPLY,   FAULT_CONNECT,  421 },
	{ "451.mail",        FAULT_REPLY,   FAULT_MAIL,     451 },
	{ "554.DATA",        FAULT_REPLY,   FAULT_DATA,     554 },
	{ "552.afterdot",    FAULT_REPLY,   FAULT_AFTERDOT, 552 },
	{ "timeout.data",    FAULT_TIMEOUT, FAULT_DATA,     0 },
	{ "Close.AfterDot",  FAULT_CLOSE,   FAULT_AFTERDOT, 0 },
	{ "close.connect",   FAULT_CLOSE,   FAULT_CONNECT,  0 },
	{ "close.door",      FAULT_NONE,    0, 0 },
	{ "250.rcpt",        FAULT_NONE,    0, 0 },
	{ "354.data",        FAULT_NONE,    0, 0 },
	{ "650.rcpt",        FAULT_NONE,    0, 0 },
	{ "460.rcpt",        FAULT_NONE,    0, 0 },
	{ "45x.rcpt",        FAULT_NONE,    0, 0 },
	{ "450.",            FAULT_NONE,    0, 0 },
	{ "450",             FAULT_NONE,    0, 0 },
	{ "4500.rcpt",       FAULT_NONE,    0, 0 },
	{ ".rcpt",           FAULT_NONE,    0, 0 },
	{ "john.smith",      FAULT_NONE,    0, 0 },
	{ "",                FAULT_NONE,    0, 0 },
	/* clang-format on */
};

START_TEST(a_local_part_may_be_a_fault)
{
	struct fault fault = fault_parse(faults[_i].text);

	ck_assert_msg(fault.kind == faults[_i].kind, "%s", faults[_i].text);
	if (fault.kind == FAULT_NONE)
		return;
	ck_assert_int_eq(fault.place, faults[_i].place);
	ck_assert_int_eq(fault.code, faults[_i].code);
}
END_TEST

START_TEST(a_time_table_is_read_row_by_row)
{
	const char *list =
	    "0-60 421.connect, 60-120\t450.busy ,120- close.data";
	struct fault_time row;
	bool wrong;

	ck_assert(fault_next_time(&list, &row, &wrong));
	ck_assert_int_eq(row.from, 0);
	ck_assert_int_eq(row.to, 60);
	ck_assert_int_eq(row.fault.place, FAULT_CONNECT);
	ck_assert(fault_next_time(&list, &row, &wrong));
	ck_assert_int_eq(row.from, 60);
	ck_assert_int_eq(row.to, 120);
	ck_assert_int_eq(row.fault.code, 450);
	ck_assert(fault_next_time(&list, &row, &wrong));
	ck_assert_int_eq(row.from, 120);
	ck_assert_int_eq(row.to, INT_MAX);
	ck_assert_int_eq(row.fault.kind, FAULT_CLOSE);
	ck_assert(!fault_next_time(&list, &row, &wrong));
	ck_assert(!wrong);
}
END_TEST

static const struct {
	const char *text;
	bool good;
} tables[] = {
	{ "", true },
	{ "0-5 421.connect", true },
	{ "5-0 421.connect", false },
	{ "5-5 421.connect", false },
	{ "-5 421.connect", false },
	{ "0-5", false },
	{ "0-5 somebody", false },
	{ "0-5421.connect", false },
	{ "0-5 421.connect 6-7 450.busy", false },
	{ "0-999999999999 450.busy", false },
	{ "a-b 450.busy", false },
};

START_TEST(a_table_is_checked_when_it_is_read)
{
	ck_assert_msg(form_is_faults(tables[_i].text) == tables[_i].good, "%s",
	    tables[_i].text);
}
END_TEST

Suite *
fault_suite(void)
{
	Suite *suite = suite_create("fault");
	TCase *tc = tcase_create("fault");

	tcase_add_loop_test(tc, a_local_part_may_be_a_fault, 0, COUNT(faults));
	tcase_add_test(tc, a_time_table_is_read_row_by_row);
	tcase_add_loop_test(tc, a_table_is_checked_when_it_is_read, 0,
	    COUNT(tables));
	suite_add_tcase(suite, tc);
	return suite;
}
