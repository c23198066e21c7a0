/*
 * suites.h - every Check suite, one a module.
 */
#ifndef TESTS_SUITES_H
#define TESTS_SUITES_H

#include <check.h>

Suite *arriving_suite(void);
Suite *auth_suite(void);
Suite *auth_attack_suite(void);
Suite *auth_dialog_suite(void);
Suite *auth_helper_suite(void);
Suite *auth_parts_suite(void);
Suite *base_suite(void);
Suite *conn_suite(void);
Suite *conn_line_suite(void);
Suite *conn_wait_suite(void);
Suite *data_reader_suite(void);
Suite *deliver_suite(void);
Suite *lmtp_suite(void);
Suite *processes_suite(void);
Suite *sandbox_suite(void);
Suite *log_pump_suite(void);
Suite *server_suite(void);
Suite *server_crowd_suite(void);
Suite *server_life_suite(void);
Suite *server_owner_suite(void);
Suite *pop3_suite(void);
Suite *pop3_handover_suite(void);
Suite *pop3_login_suite(void);
Suite *pop3_patience_suite(void);
Suite *pop3_rights_suite(void);
Suite *tls_suite(void);
Suite *tls_attack_suite(void);
Suite *address_suite(void);
Suite *admin_suite(void);
Suite *config_suite(void);
Suite *directory_suite(void);
Suite *secrets_suite(void);
Suite *mailbox_suite(void);
Suite *mua_suite(void);
Suite *mua_parts_suite(void);
Suite *render_suite(void);
Suite *wrap_suite(void);
Suite *smtp_client_suite(void);
Suite *smtp_send_suite(void);
Suite *data_writer_suite(void);
Suite *index_suite(void);
Suite *index_damage_suite(void);
Suite *index_trouble_suite(void);
Suite *listing_suite(void);
Suite *maildir_suite(void);
Suite *maildir_crash_suite(void);
Suite *maildir_name_suite(void);
Suite *message_suite(void);
Suite *message_limits_suite(void);
Suite *summary_suite(void);
Suite *dialog_suite(void);
Suite *headers_suite(void);
Suite *queue_suite(void);
Suite *receive_suite(void);
Suite *smtpd_suite(void);
Suite *smtpd_talk_suite(void);
Suite *policy_suite(void);
Suite *rights_suite(void);
Suite *parameters_suite(void);
Suite *orcpt_suite(void);
Suite *chunks_suite(void);
Suite *queue_crash_suite(void);
Suite *custody_suite(void);
Suite *manager_suite(void);
Suite *queue_text_suite(void);
Suite *queue_fault_suite(void);
Suite *queue_incoming_suite(void);
Suite *dialog_play_suite(void);

#endif
