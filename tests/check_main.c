/*
 * check_main.c - runs every suite; with names as arguments, only those; with
 * -l only says their names.
 *
 * CK_FORK=no runs all in one process (for a debugger).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/mem.h"
#include "tests/suites.h"

static const struct {
	const char *name;
	Suite *(*make)(void);
} suites[] = {
	/* clang-format off */
	{ "addresses", addresses_suite },
	{ "anatomy", anatomy_suite },
	{ "journey", journey_suite },
	{ "arriving", arriving_suite },
	{ "auth", auth_suite },
	{ "auth_attack", auth_attack_suite },
	{ "auth_dialog", auth_dialog_suite },
	{ "auth_helper", auth_helper_suite },
	{ "auth_known", auth_known_suite },
	{ "auth_parts", auth_parts_suite },
	{ "authres", authres_suite },
	{ "base", base_suite },
	{ "conn", conn_suite },
	{ "conn_line", conn_line_suite },
	{ "conn_wait", conn_wait_suite },
	{ "data_reader", data_reader_suite },
	{ "data_stream", data_stream_suite },
	{ "deliver", deliver_suite },
	{ "lmtp", lmtp_suite },
	{ "pop3", pop3_suite },
	{ "pop3_explain", pop3_explain_suite },
	{ "pop3_handover", pop3_handover_suite },
	{ "pop3_login", pop3_login_suite },
	{ "pop3_patience", pop3_patience_suite },
	{ "pop3_rights", pop3_rights_suite },
	{ "pop3_words", pop3_words_suite },
	{ "transcript", transcript_suite },
	{ "transcript_helper", transcript_helper_suite },
	{ "transcript_mask", transcript_mask_suite },
	{ "tls", tls_suite },
	{ "tls_attack", tls_attack_suite },
	{ "address", address_suite },
	{ "admin", admin_suite },
	{ "config", config_suite },
	{ "config_mistakes", config_mistakes_suite },
	{ "config_warn", config_warn_suite },
	{ "directory", directory_suite },
	{ "directory_edit", directory_edit_suite },
	{ "secrets", secrets_suite },
	{ "secrets_md5", secrets_md5_suite },
	{ "secrets_teaching", secrets_teaching_suite },
	{ "smtp_auth", smtp_auth_suite },
	{ "answer_wild", answer_wild_suite },
	{ "compose", compose_suite },
	{ "outbox", outbox_suite },
	{ "unfinished", unfinished_suite },
	{ "unfinished_saved", unfinished_saved_suite },
	{ "draft_header", draft_header_suite },
	{ "editor", editor_suite },
	{ "answer", answer_suite },
	{ "people", people_suite },
	{ "smtp_client", smtp_client_suite },
	{ "smtp_send", smtp_send_suite },
	{ "smtp_chunk", smtp_chunk_suite },
	{ "data_writer", data_writer_suite },
	{ "processes", processes_suite },
	{ "sandbox", sandbox_suite },
	{ "syscalls", syscalls_suite },
	{ "log_pump", log_pump_suite },
	{ "server", server_suite },
	{ "server_certificates", server_certificates_suite },
	{ "server_crowd", server_crowd_suite },
	{ "server_grant", server_grant_suite },
	{ "server_leave", server_leave_suite },
	{ "server_life", server_life_suite },
	{ "server_pidfile", server_pidfile_suite },
	{ "server_replaced", server_replaced_suite },
	{ "server_owner", server_owner_suite },
	{ "server_peer", server_peer_suite },
	{ "sandbox_files", sandbox_files_suite },
	{ "server_born", server_born_suite },
	{ "server_zygote", server_zygote_suite },
	{ "mailbox", mailbox_suite },
	{ "deliver_many", deliver_many_suite },
	{ "lmtp_chunks", lmtp_chunks_suite },
	{ "receipt", receipt_suite },
	{ "apop", apop_suite },
	{ "auth_limit", auth_limit_suite },
	{ "mda_folders", mda_folders_suite },
	{ "account", account_suite },
	{ "account_draft", account_draft_suite },
	{ "task", task_suite },
	{ "fetch", fetch_suite },
	{ "wire", wire_suite },
	{ "pop3_client", pop3_client_suite },
	{ "mailcap", mailcap_suite },
	{ "mua", mua_suite },
	{ "mua_parts", mua_parts_suite },
	{ "prompt", prompt_suite },
	{ "list", list_suite },
	{ "colours", colours_suite },
	{ "message_save", message_save_suite },
	{ "thread_tree", thread_tree_suite },
	{ "render", render_suite },
	{ "windows", windows_suite },
	{ "wrap", wrap_suite },
	{ "message", message_suite },
	{ "summary", summary_suite },
	{ "maildir", maildir_suite },
	{ "maildir_name", maildir_name_suite },
	{ "maildir_crash", maildir_crash_suite },
	{ "dialog", dialog_suite },
	{ "index", index_suite },
	{ "index_damage", index_damage_suite },
	{ "index_log", index_log_suite },
	{ "index_power", index_power_suite },
	{ "mailboxes", mailboxes_suite },
	{ "index_repair", index_repair_suite },
	{ "index_replaced", index_replaced_suite },
	{ "mbox", mbox_suite },
	{ "index_trouble", index_trouble_suite },
	{ "index_unreadable", index_unreadable_suite },
	{ "index_version", index_version_suite },
	{ "index_sync", index_sync_suite },
	{ "index_text", index_text_suite },
	{ "index_text_trouble", index_text_trouble_suite },
	{ "maildir_batch", maildir_batch_suite },
	{ "message_words", message_words_suite },
	{ "query", query_suite },
	{ "threads", threads_suite },
	{ "listing", listing_suite },
	{ "headers", headers_suite },
	{ "headers_id", headers_id_suite },
	{ "logfmt", logfmt_suite },
	{ "trace", trace_suite },
	{ "trace_hosts", trace_hosts_suite },
	{ "queue", queue_suite },
	{ "reading", reading_suite },
	{ "receive", receive_suite },
	{ "received", received_suite },
	{ "smtpd", smtpd_suite },
	{ "smtpd_transaction", smtpd_transaction_suite },
	{ "smtpd_talk", smtpd_talk_suite },
	{ "explain", explain_suite },
	{ "fault", fault_suite },
	{ "downgrade", downgrade_suite },
	{ "relay_message", relay_message_suite },
	{ "relay_transaction", relay_transaction_suite },
	{ "relay_seven", relay_seven_suite },
	{ "crew", crew_suite },
	{ "plan", plan_suite },
	{ "policy", policy_suite },
	{ "policy_rcpt", policy_rcpt_suite },
	{ "rights", rights_suite },
	{ "parameters", parameters_suite },
	{ "orcpt", orcpt_suite },
	{ "chunks", chunks_suite },
	{ "report", report_suite },
	{ "dsn", dsn_suite },
	{ "custody", custody_suite },
	{ "local", local_suite },
	{ "destination", destination_suite },
	{ "relay", relay_suite },
	{ "relay_session", relay_session_suite },
	{ "lane", lane_suite },
	{ "libraries", libraries_suite },
	{ "turns", turns_suite },
	{ "manager", manager_suite },
	{ "manager_report", manager_report_suite },
	{ "schedule", schedule_suite },
	{ "control", control_suite },
	{ "inquiry", inquiry_suite },
	{ "etrn", etrn_suite },
	{ "queue_text", queue_text_suite },
	{ "queue_fault", queue_fault_suite },
	{ "queue_incoming", queue_incoming_suite },
	{ "queue_crash", queue_crash_suite },
	{ "dialog_play", dialog_play_suite },
	{ "message_limits", message_limits_suite },
	{ "dns", dns_suite },
	{ "dns_process", dns_process_suite },
	{ "author", author_suite },
	{ "authenticity", authenticity_suite },
	{ "dmarc", dmarc_suite },
	{ "findings", findings_suite },
	{ "desk", desk_suite },
	{ "dkim_store", dkim_store_suite },
	{ "private_name", private_name_suite },
	{ "dns_real", dns_real_suite }, /* see is_there() */
	{ "route", route_suite },
	{ "route_rule", route_rule_suite },
	/* clang-format on */
};

/* tests/dns.sh starts the name server that dns_real needs. */
static bool
is_there(const char *name)
{
	return strcmp(name, "dns_real") != 0 ||
	    getenv("POSTLAB_TEST_DNS") != NULL;
}

static bool
is_wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return is_there(name);
	return argc == 1 && is_there(name);
}

static int
list_suites(void)
{
	for (size_t i = 0; i < COUNT(suites); i++)
		if (is_there(suites[i].name))
			puts(suites[i].name);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	SRunner *runner;
	int failed;

	if (argc == 2 && strcmp(argv[1], "-l") == 0)
		return list_suites();
	/* Both are against a hang only: a machine may be busy elsewhere. */
	setenv("CK_DEFAULT_TIMEOUT", "30", 0);
	setenv("CK_TIMEOUT_MULTIPLIER", "3", 0);
	runner = srunner_create(NULL);
	log_init("check", "");
	for (size_t i = 0; i < COUNT(suites); i++)
		if (is_wanted(suites[i].name, argc, argv))
			srunner_add_suite(runner, suites[i].make());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	if (srunner_ntests_run(runner) == 0) {
		fprintf(stderr, "check: no such suite\n");
		failed = 1;
	}
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
