/*
 * suites.h - every Check suite, one a module.
 */
#ifndef TESTS_SUITES_H
#define TESTS_SUITES_H

#include <check.h>

Suite *arriving_suite(void);
Suite *auth_suite(void);
Suite *base_suite(void);
Suite *conn_suite(void);
Suite *conn_line_suite(void);
Suite *conn_wait_suite(void);
Suite *data_reader_suite(void);
Suite *tls_suite(void);
Suite *tls_attack_suite(void);
Suite *address_suite(void);
Suite *config_suite(void);
Suite *directory_suite(void);
Suite *secrets_suite(void);

#endif
