/*
 * config.h - postlab.conf, read once into one struct.
 *
 * INI, read by inih.  Every key is declared once, in the table of
 * config_table.c (section, name, type, range, default, one line of meaning);
 * postlab config show, postlab.conf(5) and the checks are made from it.
 * [listen NAME] sections, any number, declare the listeners, [route NAME]
 * sections where mail for other hosts goes.
 *
 * All paths are relative to the state folder; every program changes into it
 * first (config_enter) and stays there.
 */
#ifndef COMMON_CONFIG_H
#define COMMON_CONFIG_H

#include "common/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { EXIT_CONFIG = 78 /* EX_CONFIG of sysexits.h */ };

enum protocol {
	PROTO_MTA,  /* SMTP from other servers, 25 */
	PROTO_MSA,  /* submission, 587 and 465 */
	PROTO_LMTP, /* mda */
	PROTO_POP3, /* 110 and 995 */
};
enum tls_mode {
	TLS_OFF,
	TLS_STARTTLS, /* offered */
	TLS_REQUIRED, /* STARTTLS must come first */
	TLS_IMPLICIT, /* from the first byte */
};
enum auth_mode { AUTH_OFF, AUTH_OPTIONAL, AUTH_REQUIRED };

/* Whose address a login may send as. */
enum sender_policy {
	SENDER_STRICT, /* its own */
	SENDER_ALIAS,  /* and those of aliases that lead to it */
	SENDER_FREE,   /* anybody's; that it differs is logged */
};

/* What is done about mail that is not what it says (smtpd/judge.h). */
enum authenticity { AUTHENTICITY_OFF, AUTHENTICITY_NOTE, AUTHENTICITY_ENFORCE };

struct listener {
	char *name; /* of its section: [listen mta] */
	enum protocol protocol;
	char *address; /* blank-separated IPs, or unix:PATH */
	int port;      /* well-known; the socket's is + port_base */
	enum tls_mode tls;
	enum auth_mode auth;
	bool cleartext; /* passwords without TLS */
	enum leniency leniency;
	enum sender_policy sender_policy;
	enum authenticity authenticity;
	char *banner;       /* behind "220 HOSTNAME ESMTP " */
	char *extensions;   /* blank-separated keywords that EHLO may offer */
	char *capabilities; /* likewise CAPA (POP3) */
	bool explain;       /* refusals carry a second line in plain words */
	bool evidence;      /* record sessions */
	bool faults;        /* made on purpose: smtpd/faults.h */
	char *fault_times;  /* at which times, "" without */
	bool evidence_secrets; /* what AUTH says as well */
};

/* TLS with the next host. */
enum relay_tls {
	RELAY_TLS_OFF,
	RELAY_TLS_MAY,     /* where it is offered and works */
	RELAY_TLS_ENCRYPT, /* or not at all; with any certificate */
	RELAY_TLS_VERIFY,  /* or not at all; the certificate must be good */
	/* MAY; where TLSA records are proved by DNSSEC, as they say */
	RELAY_TLS_DANE,
};

/* A way for mail to other hosts; smtpd/route.h says which one is taken. */
struct route_rule {
	char *name;    /* of its section: [route NAME] */
	char *domains; /* blank-separated: a.example, .example, * */
	char *senders; /* domains of senders, in the same form */
	char *host;    /* a name, an IP address, or "mx" */
	int port;      /* never + port_base: it is another host's */
	enum relay_tls tls;
	bool implicit_tls; /* from the first byte */
	bool backup;       /* we are a backup MX: anybody's mail is taken */
	char *login;       /* "" without */
	char *password_file;
};

struct config {
	/* [server] */
	char *hostname; /* in greetings, Received and reports */
	char *domain;   /* of logins and addresses without one */
	char *user;     /* to become when started as root */
	int port_base;
	char *log_level;
	char *tls_keylog;   /* a file for the secrets of TLS, "" without */
	char *language;     /* of the plain words: en, es ... */
	char *explain_file; /* with sentences of one's own, "" without */
	int evidence_days;  /* how long recorded sessions are kept */
	int evidence_size;  /* mebibytes of them at most */
	/* [smtpd] */
	int smtpd_workers;     /* most sessions at once */
	int smtpd_spare;       /* idle workers kept ready */
	int smtpd_per_address; /* sessions of one client address */
	int message_size;      /* octets, CRLF counted */
	int max_recipients;
	int command_timeout;      /* seconds, one command */
	int data_timeout;         /* seconds, a whole DATA */
	char *lmtp;               /* mda's socket: unix:run/lmtp or HOST:PORT */
	int lmtp_timeout;         /* seconds, the hand-over to mda */
	int authenticity_timeout; /* seconds, until it is taken unjudged */
	/* [mda] */
	int mda_workers;
	int mda_spare;
	bool mda_plus_folders; /* user+detail into .detail */
	int mda_quota_warning; /* percent; 0: never */
	bool mda_dsn;          /* announces DSN, where smtpd sends reports */
	/* [pop3d] */
	int pop3d_workers;
	int pop3d_spare;
	int pop3d_per_address;
	int pop3d_timeout;       /* seconds, one command; RFC 1939 3: >= 600 */
	int pop3d_login_timeout; /* seconds, from the connection to the login */
	int pop3d_login_delay;   /* seconds between two logins; 0: none */
	/* [auth] */
	char *mechanisms;        /* blank-separated, in order of offer */
	bool teaching;           /* keep MD5 secrets */
	bool apop;               /* greet with a timestamp, take APOP */
	int failures_per_minute; /* of logins, from one client address */
	/* [queue] */
	int queue_retry_min; /* seconds before the second attempt */
	int queue_retry_max;
	int queue_delay_notice; /* seconds until the sender is told; 0: never */
	int queue_lifetime;     /* seconds until a message is given up */
	int queue_workers;      /* deliveries at once */
	int queue_per_destination; /* of them, to one destination */
	int queue_time_scale;      /* the times above are divided by it */
	/* [dns] */
	char *dns_resolver;     /* IP or IP@PORT, any number; "none"; "" */
	char *dns_hosts_file;   /* asked before DNS, "" without */
	char *dns_trust_anchor; /* for DNSSEC, "" without */
	int dns_timeout;        /* seconds, one question */
	/* [relay] */
	char *relay_source_address; /* one IPv4, one IPv6, or "" */
	int relay_port;             /* of the hosts that MX records name */
	int relay_connect_timeout;  /* seconds */
	int relay_timeout;          /* seconds, one answer */
	int relay_final_timeout;    /* seconds, the answer to a message */
	enum relay_tls relay_tls;   /* with hosts that MX records name */
	int relay_keep;             /* seconds a connection is kept, idle */
	int relay_keep_messages;    /* that it may carry */
	bool relay_chunking;        /* BDAT where CHUNKING is offered */
	bool relay_eight_bit;       /* send it to who does not know 8BITMIME */
	char *relay_ca_file;        /* "": the system's authorities */

	struct listener *listeners;
	size_t listener_count;
	struct route_rule *routes;
	size_t route_count;
};

/*
 * Changes into the state folder DIR, or $POSTLAB_DIR, or ./var when NULL, and
 * reads postlab.conf there.  On any mistake prints one line with file and
 * line number to standard error and exits with EXIT_CONFIG.  Never NULL.
 */
struct config *config_enter(const char *dir);

/*
 * Reads FILE.  NULL when it has a mistake; the sentence (with file and line)
 * is then in WHY.  Used for a reload, where the old configuration stays.
 */
struct config *config_load(const char *file, char *why, size_t size);

void config_free(struct config *config);

/* Whether LISTENER's EHLO may offer KEYWORD; switched off, it is unknown. */
bool config_offers(const struct listener *listener, const char *keyword);

/* Whether a listener of PROTOCOL records its sessions. */
bool config_records(const struct config *config, enum protocol protocol);

/* Whether WORD is one of WORDS, the blank-separated value of a key. */
bool config_lists(const char *words, const char *word);

/* Prints every effective value in the file's own form, comments with meaning.
 */
void config_print(const struct config *config, FILE *to);

/* Prints the mdoc list of all keys for postlab.conf(5). */
void config_print_manual(FILE *to);

/* What is risky though allowed, one line each (config check).  Count. */
int config_warn(const struct config *config, FILE *to);

#endif
