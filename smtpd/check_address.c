/*
 * check_address.c - what would become of a message, without sending one.
 *
 * The question is put to the very functions that answer a session (policy.h),
 * which tell each rule they ask; then the directory tells each step of the way
 * to a mailbox.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "common/config.h"
#include "common/directory.h"
#include "common/log.h"
#include "smtpd/check_route.h"
#include "smtpd/modes.h"
#include "smtpd/policy.h"

/* What was asked. */
struct inquiry {
	const char *dir;
	const char *from;     /* the client's IP, NULL: wherever it is */
	const char *login;    /* as typed, NULL without */
	const char *listener; /* NULL: all */
	const char *sender;   /* as typed, NULL: the login's own, or <> */
	bool clear;           /* the client has no TLS */
	const char *recipient;
};

/* What it comes to. */
struct trial {
	const struct config *config;
	struct directory *directory;
	struct address sender;
	struct address recipient;
	struct mailbox mailbox; /* of the login, "" without */
};

/* The options into *INQUIRY; false when they make no sense. */
static bool
read_options(int argc, char **argv, struct inquiry *inquiry)
{
	static const struct option options[] = {
		{ "from", required_argument, NULL, 'f' },
		{ "as", required_argument, NULL, 'a' },
		{ "listener", required_argument, NULL, 'l' },
		{ "sender", required_argument, NULL, 's' },
		{ "clear", no_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "d:", options, NULL)) != -1) {
		if (option == 'd')
			inquiry->dir = optarg;
		else if (option == 'f')
			inquiry->from = optarg;
		else if (option == 'a')
			inquiry->login = optarg;
		else if (option == 'l')
			inquiry->listener = optarg;
		else if (option == 's')
			inquiry->sender = optarg;
		else if (option == 'c')
			inquiry->clear = true;
		else
			return false;
	}
	if (argc - optind != 1)
		return false;
	inquiry->recipient = argv[optind];
	return true;
}

static int
refuse(int status, const char *subject, const char *why)
{
	fprintf(stderr, "check-address: %s %s\n", log_safe(subject), why);
	return status;
}

/* An address as a class may type it; a name alone is of [server] domain. */
static bool
parse(const struct config *config, const char *text, struct address *to)
{
	char *whole = *text == '\0' || strpbrk(text, "@<") != NULL
	    ? xstrdup(text)
	    : xasprintf("%s@%s", text, config->domain);
	const char *rest = whole;
	const char *why;
	bool good =
	    address_parse_path(&rest, CLASSROOM, to, &why) && *rest == '\0';

	/* <postmaster>, and that of the host itself, as in a session. */
	if (good && strcasecmp(to->local, "postmaster") == 0 &&
	    (*to->domain == '\0' ||
		strcasecmp(to->domain, config->hostname) == 0))
		(void)copy_string(to->domain, sizeof(to->domain),
		    config->domain);
	free(whole);
	return good;
}

static bool
is_address(const char *ip)
{
	struct in6_addr address;

	return inet_pton(AF_INET, ip, &address) == 1 ||
	    inet_pton(AF_INET6, ip, &address) == 1;
}

/* EX_OK with TRIAL filled, or what is wrong with the inquiry, said. */
static int
prepare(const struct inquiry *inquiry, struct trial *trial)
{
	const struct config *config = trial->config;
	enum lookup found;

	if (inquiry->from != NULL && !is_address(inquiry->from))
		return refuse(EX_DATAERR, inquiry->from, "is no IP address");
	if (!parse(config, inquiry->recipient, &trial->recipient) ||
	    address_is_null(&trial->recipient))
		return refuse(EX_DATAERR, inquiry->recipient, "is no address");
	if (inquiry->sender != NULL && strcmp(inquiry->sender, "") != 0 &&
	    !parse(config, inquiry->sender, &trial->sender))
		return refuse(EX_DATAERR, inquiry->sender, "is no address");
	trial->directory = directory_open(false);
	if (trial->directory == NULL)
		return EX_TEMPFAIL;
	if (inquiry->login == NULL)
		return EX_OK;
	found = directory_login(trial->directory, inquiry->login,
	    config->domain, &trial->mailbox);
	if (found == LOOKUP_ERROR)
		return EX_TEMPFAIL;
	if (found == LOOKUP_NO || trial->mailbox.disabled)
		return refuse(EX_NOUSER, inquiry->login,
		    found == LOOKUP_NO ? "is nobody's login"
				       : "is disabled and cannot log in");
	if (inquiry->sender == NULL &&
	    !address_parse(trial->mailbox.login, &trial->sender))
		panic("the login %s is no address", trial->mailbox.login);
	return EX_OK;
}

static bool
is_loopback(const char *ip)
{
	return strncmp(ip, "127.", 4) == 0 || strcmp(ip, "::1") == 0;
}

/* Whether a client at IP can connect; NULL can. */
static bool
reaches(const char *ip, const struct listener *listener)
{
	char *list = xstrdup(listener->address);
	char *rest = NULL;
	bool can = ip == NULL;

	for (char *one = strtok_r(list, " \t", &rest); one != NULL && !can;
	     one = strtok_r(NULL, " \t", &rest))
		can = (strchr(one, ':') != NULL) == (strchr(ip, ':') != NULL) &&
		    (!is_loopback(one) || is_loopback(ip));
	free(list);
	return can;
}

static void
print_ruling(void *arg, const struct ruling *ruling)
{
	(void)arg;
	if (!ruling->applies)
		printf("    %s: no\n", ruling->rule);
	else
		printf("    %s: applies -> %d %s\n      %s\n", ruling->rule,
		    ruling->reply.code, ruling->reply.text, ruling->reason);
}

static void
ignore_final(void *arg, const struct address *final, bool local)
{
	(void)arg;
	(void) final;
	(void)local;
}

/* A head line: what kind of listener, and as whom the client is there. */
static void
print_head(const struct trial *trial, const struct listener *l,
    const struct policy *policy)
{
	printf("listener %s: %s, port %d, %s, %s, ", l->name,
	    l->protocol == PROTO_MTA ? "mta" : "msa",
	    l->port + trial->config->port_base,
	    l->leniency == STRICT ? "strict" : "classroom",
	    policy->tls ? "encrypted" : "in clear");
	if (*policy->login != '\0')
		printf("logged in as %s\n", policy->login);
	else
		printf("no login%s\n",
		    *trial->mailbox.login != '\0' ? " (auth = off)" : "");
}

/* Both commands on one listener.  Whether the mail would be taken. */
static bool
try_listener(const struct trial *trial, const struct inquiry *inquiry,
    const struct listener *l)
{
	const struct policy policy = {
		.config = trial->config,
		.listener = l,
		.directory = trial->directory,
		.login = l->auth == AUTH_OFF ? "" : trial->mailbox.login,
		.tls = l->tls == TLS_IMPLICIT ||
		    (l->tls != TLS_OFF && !inquiry->clear),
		.asked = print_ruling,
	};
	char text[ADDRESS_TEXT_MAX];
	struct reply r;

	print_head(trial, l, &policy);
	if (!reaches(inquiry->from, l)) {
		printf("  %s does not reach it: it listens on %s\n",
		    inquiry->from, l->address);
		return false;
	}
	printf("  MAIL FROM:<%s>\n",
	    address_format(&trial->sender, text, sizeof(text)));
	r = policy_sender(&policy, &trial->sender);
	if (!reply_is_ok(&r))
		return false;
	printf("    -> %d %s\n", r.code, r.text);
	printf("  RCPT TO:<%s>\n",
	    address_format(&trial->recipient, text, sizeof(text)));
	r = policy_recipient(&policy, &trial->recipient, 0, ignore_final, NULL);
	if (reply_is_ok(&r))
		printf("    -> %d %s\n", r.code, r.text);
	return reply_is_ok(&r);
}

/* Where accepted mail goes: a line each step. */
static void
print_step(void *arg, const struct directory_step *step)
{
	const struct trial *trial = arg;
	struct mailbox mailbox;
	char text[ADDRESS_TEXT_MAX];

	printf("%*s%s: ", 2 + 2 * step->depth, "",
	    log_safe(address_format(step->asked, text, sizeof(text))));
	if (strcmp(step->asked->local, step->found->local) != 0 &&
	    strchr(step->asked->local, '+') != NULL)
		printf("plus-address of %s, ",
		    log_safe(address_format(step->found, text, sizeof(text))));
	switch (step->road) {
	case ROAD_MAILBOX:
		if (directory_mailbox(trial->directory, step->found,
			&mailbox) == LOOKUP_YES)
			printf("mailbox %s\n", mailbox.folder);
		break;
	case ROAD_ALIAS:
		printf("alias, leads to\n");
		break;
	case ROAD_CATCH_ALL:
		printf("nobody's name, the catch-all @%s leads to\n",
		    step->found->domain);
		break;
	case ROAD_FOREIGN:
		printf("on another host\n");
		check_route_print(trial->config, &trial->sender,
		    step->found->domain, 4 + 2 * step->depth);
		break;
	case ROAD_NOBODY:
		printf("nobody of that name\n");
		break;
	case ROAD_AGAIN:
		printf("has it already\n");
		break;
	case ROAD_LOOP:
		printf("leads back to itself, or is too deep\n");
		break;
	}
}

/* TAKEN: a listener takes it; else nothing is said of other hosts. */
static void
print_delivery(struct trial *trial, bool taken)
{
	struct directory *directory = trial->directory;
	struct address address = trial->recipient;
	enum lookup ours = directory_has_domain(directory, address.domain);
	char text[ADDRESS_TEXT_MAX];

	if (ours == LOOKUP_ERROR || (ours == LOOKUP_NO && !taken))
		return;
	printf("delivery, where it is taken\n");
	if (ours == LOOKUP_NO) {
		printf("  %s: on another host\n",
		    log_safe(address_format(&address, text, sizeof(text))));
		check_route_print(trial->config, &trial->sender, address.domain,
		    4);
		return;
	}
	if (directory_trace(directory, &address, print_step, trial) !=
		LOOKUP_NO ||
	    strcasecmp(address.local, "postmaster") != 0)
		return;
	/* RFC 5321 4.5.1: as question.c has it. */
	(void)copy_string(address.domain, sizeof(address.domain),
	    trial->config->domain);
	(void)directory_trace(directory, &address, print_step, trial);
}

/* Every listener that was meant.  How many take the mail; -1: there is none. */
static int
try_all(const struct trial *trial, const struct inquiry *inquiry)
{
	int taken = 0;
	int tried = 0;

	for (size_t i = 0; i < trial->config->listener_count; i++) {
		const struct listener *l = &trial->config->listeners[i];

		if (l->protocol != PROTO_MTA && l->protocol != PROTO_MSA)
			continue;
		if (inquiry->listener != NULL &&
		    strcmp(inquiry->listener, l->name) != 0)
			continue;
		tried++;
		taken += try_listener(trial, inquiry, l);
	}
	return tried == 0 ? -1 : taken;
}

int
check_address(int argc, char **argv)
{
	struct inquiry inquiry = { .dir = NULL };
	struct trial trial = { .directory = NULL };
	struct config *config;
	int status;
	int taken;

	if (!read_options(argc, argv, &inquiry))
		return EX_USAGE;
	trial.config = config = config_enter(inquiry.dir);
	log_set_level(LOG_ERROR);
	status = prepare(&inquiry, &trial);
	if (status != EX_OK)
		goto out;
	taken = try_all(&trial, &inquiry);
	if (taken == -1) {
		status = refuse(EX_DATAERR,
		    inquiry.listener == NULL ? "smtp" : inquiry.listener,
		    "is no listener of smtpd");
		goto out;
	}
	if (taken == 0)
		status = EX_UNAVAILABLE;
	print_delivery(&trial, taken > 0);
out:
	directory_close(trial.directory);
	config_free(config);
	return status;
}
