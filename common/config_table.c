/*
 * config_table.c - every key of postlab.conf, and nothing else.
 *
 * To add a setting: a member in config.h, a row here, and `postlab config
 * manual` into docs/postlab.conf.5.
 */
#include "common/config_table.h"

#include <string.h>

#include "common/config.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, MEBIBYTE = 1 << 20 };

/* In the order of the enums of config.h and address.h. */
static const char *const protocols[] = { "mta", "msa", "lmtp", "pop3", NULL };
static const char *const tls_modes[] = { "off", "starttls", "required",
	"implicit", NULL };
static const char *const auth_modes[] = { "off", "optional", "required", NULL };
static const char *const leniencies[] = { "strict", "classroom", NULL };
static const char *const log_levels[] = { "debug", "info", "warn", "error",
	NULL };
static const char *const mechanisms[] = { "SCRAM-SHA-256", "SCRAM-SHA-1",
	"PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", NULL };
static const char *const sender_policies[] = { "strict", "alias", "free",
	NULL };
static const char *const authenticities[] = { "off", "note", "enforce", NULL };
static const char *const relay_tls[] = { "off", "may", "encrypt", "verify",
	"dane", NULL };
/* In the order of EHLO. */
static const char *const extensions[] = { "PIPELINING", "SIZE", "VRFY", "ETRN",
	"STARTTLS", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "AUTH",
	"SMTPUTF8", "LIMITS", "HELP", "CHUNKING", NULL };
/* In the order of CAPA. */
static const char *const capabilities[] = { "TOP", "UIDL", "RESP-CODES",
	"AUTH-RESP-CODE", "PIPELINING", "EXPIRE", "LOGIN-DELAY", "USER", "SASL",
	"STLS", "UTF8", "LANG", "IMPLEMENTATION", NULL };

/* clang-format off */
#define AT(member) offsetof(struct config, member)
#define LISTEN(member) offsetof(struct listener, member)
#define ROUTE(member) offsetof(struct route_rule, member)

const struct config_key config_keys[] = {
	{ "server", "hostname", KEY_HOST, AT(hostname), 0, 0, NULL, NULL,
	  "The host's name in greetings, Received fields and reports; mail.DOMAIN unless set." },
	{ "server", "domain", KEY_HOST, AT(domain), 0, 0, NULL, NULL,
	  "The domain of logins and addresses written without one; must be set." },
	{ "server", "user", KEY_ACCOUNT, AT(user), 0, 0, NULL, "",
	  "The account that daemons started by root become; empty: the owner of the state folder." },
	{ "server", "port_base", KEY_INTEGER, AT(port_base), 0, 60000, NULL, "2000",
	  "Added to each listener's port; 0 needs root." },
	{ "server", "log_level", KEY_WORD, AT(log_level), 0, 0, log_levels, "info",
	  "The least important events that are logged." },
	{ "server", "tls_keylog", KEY_TEXT, AT(tls_keylog), 0, 0, NULL, "",
	  "A file for the secrets of all TLS sessions, with which Wireshark reads a capture; for classroom listeners alone; one that was removed is there again after a reload." },
	{ "server", "language", KEY_TEXT, AT(language), 0, 0, NULL, "en",
	  "The language of what explain = yes adds: en, es, or one of explain_file." },
	{ "server", "explain_file", KEY_TEXT, AT(explain_file), 0, 0, NULL, "",
	  "A file with sentences for explain = yes, in the form that postlab explain prints." },
	{ "server", "evidence_days", KEY_INTEGER, AT(evidence_days), 1, 36500, NULL, "180",
	  "How many days recorded sessions are kept." },
	{ "server", "evidence_size", KEY_INTEGER, AT(evidence_size), 1, 1024 * 1024, NULL, "2048",
	  "How many MiB of recorded sessions are kept; when it is full nothing more is recorded, and the log says so." },

	{ "smtpd", "workers", KEY_INTEGER, AT(smtpd_workers), 1, 10000, NULL, "250",
	  "The most sessions at once; further clients are told to come later." },
	{ "smtpd", "spare", KEY_INTEGER, AT(smtpd_spare), 1, 1000, NULL, "4",
	  "Idle workers kept ready." },
	{ "smtpd", "per_address", KEY_INTEGER, AT(smtpd_per_address), 1, 10000, NULL, "125",
	  "The most sessions of one client address." },
	{ "smtpd", "message_size", KEY_INTEGER, AT(message_size), 65536, 1024 * MEBIBYTE, NULL, "10240000",
	  "The largest message taken, in octets with CRLF line ends." },
	{ "smtpd", "max_recipients", KEY_INTEGER, AT(max_recipients), 1, 50000, NULL, "1000",
	  "The most recipients of one message." },
	{ "smtpd", "command_timeout", KEY_SECONDS, AT(command_timeout), 1, HOUR, NULL, "5m",
	  "How long a client may take for one command." },
	{ "smtpd", "data_timeout", KEY_SECONDS, AT(data_timeout), 1, DAY, NULL, "30m",
	  "How long a client may take for a whole message." },
	{ "smtpd", "lmtp", KEY_ENDPOINT, AT(lmtp), 0, 0, NULL, "unix:run/lmtp",
	  "Where mda takes local mail." },
	{ "smtpd", "lmtp_timeout", KEY_SECONDS, AT(lmtp_timeout), 1, HOUR, NULL, "30s",
	  "How long mda may take before the mail is queued instead." },

	{ "smtpd", "authenticity_timeout", KEY_SECONDS, AT(authenticity_timeout), 2, 10 * MINUTE, NULL, "15s",
	  "How long looking at a message (authenticity) may take; then it is taken with temperror as the result." },

	{ "mda", "workers", KEY_INTEGER, AT(mda_workers), 1, 10000, NULL, "250",
	  "The most deliveries at once." },
	{ "mda", "spare", KEY_INTEGER, AT(mda_spare), 1, 1000, NULL, "4",
	  "Idle workers kept ready." },
	{ "mda", "plus_folders", KEY_BOOLEAN, AT(mda_plus_folders), 0, 0, NULL, "no",
	  "Put mail for user+detail into the Maildir++ folder .detail, where there is one; POP3 does not show it." },
	{ "mda", "quota_warning", KEY_INTEGER, AT(mda_quota_warning), 0, 99, NULL, "90",
	  "Tell a person, once a day, when so many percent of the quota are taken; 0 for never." },
	{ "mda", "dsn", KEY_BOOLEAN, AT(mda_dsn), 0, 0, NULL, "yes",
	  "Announce DSN over LMTP, where smtpd has a listener: the reports of success that other mail systems ask for go out through its queue." },

	{ "pop3d", "workers", KEY_INTEGER, AT(pop3d_workers), 1, 10000, NULL, "250",
	  "The most sessions at once." },
	{ "pop3d", "spare", KEY_INTEGER, AT(pop3d_spare), 1, 1000, NULL, "2",
	  "Idle workers kept ready." },
	{ "pop3d", "per_address", KEY_INTEGER, AT(pop3d_per_address), 1, 10000, NULL, "125",
	  "The most sessions of one client address." },
	{ "pop3d", "timeout", KEY_SECONDS, AT(pop3d_timeout), 1, DAY, NULL, "10m",
	  "How long a client may take for one command." },
	{ "pop3d", "login_timeout", KEY_SECONDS, AT(pop3d_login_timeout), 1, HOUR, NULL, "2m",
	  "How long a client may take until it is logged in; with leniency = classroom at least timeout." },
	{ "pop3d", "login_delay", KEY_SECONDS, AT(pop3d_login_delay), 0, DAY, NULL, "0s",
	  "How long after a login the same mailbox cannot be opened again; 0s: at once." },

	{ "auth", "mechanisms", KEY_WORDS, AT(mechanisms), 0, 0, mechanisms,
	  "SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN CRAM-MD5",
	  "What clients may log in with, the best first; CRAM-MD5 and DIGEST-MD5 only with teaching." },
	{ "auth", "teaching", KEY_BOOLEAN, AT(teaching), 0, 0, NULL, "no",
	  "Keeps the MD5 secrets that CRAM-MD5 and DIGEST-MD5 need, for passwords set from now on." },
	{ "auth", "apop", KEY_BOOLEAN, AT(apop), 0, 0, NULL, "no",
	  "With teaching: pop3d greets with a timestamp and takes APOP from those who have a secret of postlab user apop, which is kept in clear." },
	{ "auth", "failures_per_minute", KEY_INTEGER, AT(failures_per_minute), 1, 100000, NULL, "20",
	  "The most failed logins from one client address; more where many people share one." },

	{ "queue", "retry_min", KEY_SECONDS, AT(queue_retry_min), 1, DAY, NULL, "5m",
	  "How long to wait before the second attempt; twice as long before each next." },
	{ "queue", "retry_max", KEY_SECONDS, AT(queue_retry_max), 1, 7 * DAY, NULL, "4h",
	  "The longest wait between two attempts." },
	{ "queue", "delay_notice", KEY_SECONDS, AT(queue_delay_notice), 0, 30 * DAY, NULL, "4h",
	  "When the sender of a message that still waits is told so; 0s: never." },
	{ "queue", "lifetime", KEY_SECONDS, AT(queue_lifetime), 1, 60 * DAY, NULL, "5d",
	  "When a message that cannot be delivered is given up." },
	{ "queue", "workers", KEY_INTEGER, AT(queue_workers), 1, 1000, NULL, "40",
	  "Queued messages delivered at once." },
	{ "queue", "per_destination", KEY_INTEGER, AT(queue_per_destination), 1, 1000, NULL, "20",
	  "Of these, the most to one destination; no destination and no sender gets more workers than are left to the others." },
	{ "queue", "time_scale", KEY_INTEGER, AT(queue_time_scale), 1, DAY, NULL, "1",
	  "For labs: the times above are so many times shorter; with 3600 an hour passes in a second." },

	{ "dns", "resolver", KEY_RESOLVERS, AT(dns_resolver), 0, 0, NULL, "",
	  "The name servers to ask; empty: those of /etc/resolv.conf; none: only hosts_file is asked." },
	{ "dns", "hosts_file", KEY_TEXT, AT(dns_hosts_file), 0, 0, NULL, "",
	  "Hosts in the form of /etc/hosts, asked before DNS; mail for a name in it goes to its address, whatever MX it has." },
	{ "dns", "trust_anchor", KEY_TEXT, AT(dns_trust_anchor), 0, 0, NULL, "",
	  "A file with the DS or DNSKEY records to trust, as of the root zone; answers that DNSSEC proves wrong are then no answers." },
	{ "dns", "timeout", KEY_SECONDS, AT(dns_timeout), 1, 300, NULL, "20s",
	  "How long the name servers may take for one question; mail waits for the next attempt then." },

	{ "relay", "source_address", KEY_SOURCES, AT(relay_source_address), 0, 0, NULL, "",
	  "The addresses from which mail leaves: of IPv4, of IPv6, or one of each; empty: the system chooses." },
	{ "relay", "port", KEY_INTEGER, AT(relay_port), 1, 65535, NULL, "25",
	  "The port of hosts found in DNS; another one for labs and tests alone." },
	{ "relay", "connect_timeout", KEY_SECONDS, AT(relay_connect_timeout), 1, HOUR, NULL, "30s",
	  "How long another host may take for a connection; then the next one is tried." },
	{ "relay", "timeout", KEY_SECONDS, AT(relay_timeout), 1, HOUR, NULL, "5m",
	  "How long another host may take for an answer." },
	{ "relay", "final_timeout", KEY_SECONDS, AT(relay_final_timeout), 1, HOUR, NULL, "10m",
	  "How long another host may take for its answer to a whole message; a shorter time makes second copies." },
	{ "relay", "tls", KEY_CHOICE, AT(relay_tls), 0, 0, relay_tls, "dane",
	  "The same as tls of a route, for hosts that DNS names without one." },
	{ "relay", "keep", KEY_SECONDS, AT(relay_keep), 0, 5 * 60, NULL, "5s",
	  "How long a connection is kept open for the next message to the same host; 0s: not at all." },
	{ "relay", "keep_messages", KEY_INTEGER, AT(relay_keep_messages), 1, 100000, NULL, "100",
	  "The most messages that are sent over one connection." },
	{ "relay", "chunking", KEY_BOOLEAN, AT(relay_chunking), 0, 0, NULL, "yes",
	  "Sends messages by BDAT to hosts that offer CHUNKING, and by DATA to those that then do not know it; no: always by DATA." },
	{ "relay", "eight_bit", KEY_BOOLEAN, AT(relay_eight_bit), 0, 0, NULL, "no",
	  "Sends messages with bytes above 127 as they are to hosts that do not offer 8BITMIME; else they are converted to quoted-printable." },
	{ "relay", "ca_file", KEY_TEXT, AT(relay_ca_file), 0, 0, NULL, "",
	  "The authorities whose certificates count where a route has tls = verify; empty: the system's." },

	{ "listen", "protocol", KEY_CHOICE, LISTEN(protocol), 0, 0, protocols, NULL,
	  "What is spoken: mta (SMTP from other servers), msa (submission), lmtp or pop3; must be set." },
	{ "listen", "address", KEY_ADDRESSES, LISTEN(address), 0, 0, NULL, "127.0.0.1 ::1",
	  "IP addresses separated by blanks, or unix:PATH." },
	{ "listen", "port", KEY_INTEGER, LISTEN(port), 1, 65535, NULL, NULL,
	  "The well-known port, to which port_base is added; unless set 25, 587 (465 with implicit TLS), 24, 110 (995)." },
	{ "listen", "tls", KEY_CHOICE, LISTEN(tls), 0, 0, tls_modes, NULL,
	  "Encryption: with required nothing goes on before STARTTLS; starttls unless set, off for lmtp." },
	{ "listen", "auth", KEY_CHOICE, LISTEN(auth), 0, 0, auth_modes, NULL,
	  "Whether SMTP clients log in; required for msa and off for mta unless set." },
	{ "listen", "cleartext", KEY_BOOLEAN, LISTEN(cleartext), 0, 0, NULL, "no",
	  "Takes passwords over a connection that is not encrypted." },
	{ "listen", "leniency", KEY_CHOICE, LISTEN(leniency), 0, 0, leniencies, "strict",
	  "How exactly commands must be written: to the letter, or as people type them." },
	{ "listen", "sender_policy", KEY_CHOICE, LISTEN(sender_policy), 0, 0, sender_policies, NULL,
	  "Who has logged in may send as itself (strict), also as its aliases (alias), or as anybody, which is logged (free); alias unless set, free with leniency = classroom." },
	{ "listen", "authenticity", KEY_CHOICE, LISTEN(authenticity), 0, 0, authenticities, "off",
	  "Whether DKIM, SPF and DMARC of mail from other hosts are looked at and told in Authentication-Results (note), and what its domain wants refused is refused (enforce); it needs DNS." },
	{ "listen", "banner", KEY_TEXT, LISTEN(banner), 0, 0, NULL, "Postlab",
	  "What stands behind the host's name in an SMTP greeting." },
	{ "listen", "extensions", KEY_WORDS, LISTEN(extensions), 0, 0, extensions,
	  "PIPELINING SIZE VRFY ETRN STARTTLS ENHANCEDSTATUSCODES 8BITMIME DSN AUTH SMTPUTF8 LIMITS HELP CHUNKING",
	  "What EHLO offers, as far as the other keys allow it; what is left out cannot be used." },
	{ "listen", "capabilities", KEY_WORDS, LISTEN(capabilities), 0, 0, capabilities,
	  "TOP UIDL RESP-CODES AUTH-RESP-CODE PIPELINING EXPIRE LOGIN-DELAY USER SASL STLS UTF8 LANG IMPLEMENTATION",
	  "What POP3's CAPA offers, as far as the other keys allow it; what is left out cannot be used." },
	{ "listen", "explain", KEY_BOOLEAN, LISTEN(explain), 0, 0, NULL, "no",
	  "Adds a line in plain words to each refusal." },
	{ "listen", "faults", KEY_BOOLEAN, LISTEN(faults), 0, 0, NULL, "no",
	  "Makes faults on purpose for recipients such as 450.busy, 552.afterdot, timeout.data and close.afterdot, as smtpd(8) says; for labs alone." },
	{ "listen", "fault_times", KEY_FAULTS, LISTEN(fault_times), 0, 0, NULL, "",
	  "With faults: when they meet everybody, in seconds since smtpd began, as in: 0-60 421.connect, 60-120 450.busy." },
	{ "listen", "evidence", KEY_BOOLEAN, LISTEN(evidence), 0, 0, NULL, "no",
	  "Records whole sessions for the labs." },
	{ "listen", "evidence_secrets", KEY_BOOLEAN, LISTEN(evidence_secrets), 0, 0, NULL, "no",
	  "Records what is said in AUTH too: passwords of the lab, in clear." },

	{ "route", "domains", KEY_DOMAINS, ROUTE(domains), 0, 0, NULL, "*",
	  "The recipients' domains this route is for: a.example, .example with all below it, or *; the most exact route is taken, and one for domains before one for senders." },
	{ "route", "senders", KEY_DOMAINS, ROUTE(senders), 0, 0, NULL, "*",
	  "The senders' domains this route is for, in the same form; reports, which have no sender, take routes with * only." },
	{ "route", "backup", KEY_BOOLEAN, ROUTE(backup), 0, 0, NULL, "no",
	  "This host is a backup MX of these domains (* does not count): mta listeners take mail for them without a login, and hand it on." },
	{ "route", "host", KEY_PEER, ROUTE(host), 0, 0, NULL, "mx",
	  "The host that gets the mail; mx: those that DNS names for the domain." },
	{ "route", "port", KEY_INTEGER, ROUTE(port), 1, 65535, NULL, NULL,
	  "Its port, to which port_base is not added; unless set 25, 465 with implicit_tls, with mx that of [relay]." },
	{ "route", "tls", KEY_CHOICE, ROUTE(tls), 0, 0, relay_tls, "dane",
	  "Encryption: none, where it is possible, always, always with a certificate that ca_file vouches for, or (dane) by TLSA records that the trust_anchor proves, else where possible." },
	{ "route", "implicit_tls", KEY_BOOLEAN, ROUTE(implicit_tls), 0, 0, NULL, "no",
	  "Speaks TLS from the first byte, not by STARTTLS." },
	{ "route", "login", KEY_TEXT, ROUTE(login), 0, 0, NULL, "",
	  "The name to log in with at host; never in clear unless tls = off." },
	{ "route", "password_file", KEY_STATE_FILE, ROUTE(password_file), 0, 0, NULL, "",
	  "A file of mode 0600 below the state folder with the password of login in its first line." },
};
/* clang-format on */

const size_t config_key_count = COUNT(config_keys);

const struct config_key *
config_find_key(const char *section, const char *name)
{
	for (size_t i = 0; i < COUNT(config_keys); i++) {
		if (strcmp(config_keys[i].section, section) == 0 &&
		    strcmp(config_keys[i].name, name) == 0)
			return &config_keys[i];
	}
	return NULL;
}

enum config_part
config_part_of(const struct config_key *key)
{
	if (strcmp(key->section, "listen") == 0)
		return PART_LISTENER;
	if (strcmp(key->section, "route") == 0)
		return PART_ROUTE;
	return PART_WHOLE;
}

bool
config_has_section(const char *section)
{
	for (size_t i = 0; i < COUNT(config_keys); i++) {
		if (strcmp(config_keys[i].section, section) == 0)
			return true;
	}
	return false;
}
