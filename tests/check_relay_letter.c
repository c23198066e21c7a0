/* check_relay_letter.c - the job of one letter. */
#include "tests/check_relay_letter.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "smtpd/relay_seven.h"
#include "tests/check_folder.h"
#include "tests/check_smtp_peer.h"

static char hostname[] = "mx.campus.example";

struct relay_job relay_letter_job;
struct config relay_letter_config;
struct relay_bdat relay_letter_bdat;
struct queue_entry relay_letter_entry;

void
relay_letter_begin(void)
{
	folder_enter();
	ck_assert_int_eq(mkdir("queue", 0700), 0);
	ck_assert_int_eq(mkdir("queue/incoming", 0700), 0);
	relay_letter_config = (struct config){
		.hostname = hostname,
		.domain = hostname,
		.relay_final_timeout = 5,
	};
	relay_letter_bdat = (struct relay_bdat){ .next = 0 };
	relay_letter_job = (struct relay_job){
		.config = &relay_letter_config,
		.bdat = &relay_letter_bdat,
		.envelope = &relay_letter_entry,
	};
}

void
relay_letter_end(void)
{
	relay_seven_free(relay_letter_job.seven);
	free(relay_letter_job.signatures);
	close(relay_letter_job.message.fd);
	queue_entry_clear(&relay_letter_entry);
	/* One of them may be gone; one that is not empty stays. */
	(void)rmdir("queue/incoming");
	(void)rmdir("queue");
	ck_assert(folder_is_empty());
	folder_leave();
}

void
relay_letter_write(const char *text, const char *parameters)
{
	int fd = smtp_peer_message(text, strlen(text));

	ck_assert_int_eq(relay_message_look(fd, &relay_letter_job.message), 0);
	queue_entry_init(&relay_letter_entry, "0000000000000A",
	    &(struct queue_origin){
		.sender = "a@campus.example",
		.parameters = parameters,
		.peer = "[192.0.2.9]",
	    });
	queue_entry_add(&relay_letter_entry, "b@far.example", "");
}
