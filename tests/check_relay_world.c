/* check_relay_world.c - one route, to a port of this machine. */
#include "tests/check_relay_world.h"

#include <check.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buf.h"

static char all[] = "*";
static char none[] = "";
static char address[] = "127.0.0.1";
static char resolver[] = "none";
static char hostname[] = "mx.campus.example";

struct route_rule relay_world_rule;
struct config relay_world_config;
struct relay *relay_world;

void
relay_world_make(void)
{
	relay_world_rule = (struct route_rule){
		.name = all,
		.domains = all,
		.senders = all,
		.host = address,
		.tls = RELAY_TLS_OFF,
		.login = none,
		.password_file = none,
	};
	relay_world_config = (struct config){
		.hostname = hostname,
		.dns_resolver = resolver,
		.dns_hosts_file = none,
		.dns_trust_anchor = none,
		.relay_source_address = none,
		.relay_ca_file = none,
		.relay_connect_timeout = 30,
		.relay_timeout = 30,
		.relay_final_timeout = 30,
		.relay_keep = 5,
		.relay_keep_messages = 100,
		.routes = &relay_world_rule,
		.route_count = 1,
	};
	relay_world = NULL;
}

void
relay_world_open(void)
{
	relay_world = relay_open(&relay_world_config);
}

void
relay_world_remove(void)
{
	relay_close(relay_world);
	relay_world = NULL;
}

int
relay_world_listen(void)
{
	struct sockaddr_in where = { .sin_family = AF_INET };
	socklen_t size = sizeof(where);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&where, size), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&where, &size), 0);
	ck_assert_int_eq(listen(fd, 10), 0);
	relay_world_rule.port = ntohs(where.sin_port);
	return fd;
}

enum recipient_state
relay_world_send(struct reply *last_out, struct reply *why_out)
{
	struct queue_entry entry;
	enum recipient_state state;
	const char text[] = "Subject: x\n\nHello.\n";
	struct relay_errand errand = {
		.envelope = &entry,
		.destination = "route *",
		.message_fd = memfd_create("message", MFD_CLOEXEC),
		.env_fd = memfd_create("envelope", MFD_CLOEXEC),
	};

	ck_assert_int_eq(write_all(errand.message_fd, text, strlen(text)), 0);
	queue_entry_init(&entry, "0000000000000A",
	    &(struct queue_origin){ .sender = "a@campus.example" });
	queue_entry_add(&entry, "b@far.example", "");
	ck_assert_int_eq(relay_deliver(relay_world, &errand, why_out), 0);
	state = entry.recipients[0].state;
	*last_out = entry.recipients[0].last;
	/* What is known is in the file. */
	ck_assert_int_gt(lseek(errand.env_fd, 0, SEEK_END), 0);
	close(errand.message_fd);
	close(errand.env_fd);
	queue_entry_clear(&entry);
	return state;
}
