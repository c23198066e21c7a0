/*
 * identity.c - name, addresses and signature of the person.
 */
#include "mua/identity.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "maildir/message.h"
#include "mua/contacts.h"
#include "mua/folders.h"

enum { SIGNATURE_MAX = 65536, HOST_SIZE = 256 };

/* "Bob Builder <bob@campus.example>" for somebody without an account. */
static void
guess(struct person *person)
{
	const char *email = getenv("EMAIL");
	const struct passwd *user = getpwuid(getuid());
	char host[HOST_SIZE] = "";

	person->name = xstrdup("");
	if (gethostname(host, sizeof(host) - 1) == -1 || *host == '\0')
		(void)copy_string(host, sizeof(host), "localhost");
	if (email != NULL && *email != '\0')
		person->address = xstrdup(email);
	else
		person->address = xasprintf("%s@%s",
		    user == NULL ? "nobody" : user->pw_name, host);
}

/* The text of the file, "" for none. */
static char *
read_signature(const char *file)
{
	struct buf raw = BUF_INIT;
	struct buf text = BUF_INIT;
	char *path = account_expand(file);
	int fd = *file == '\0'
	    ? -1
	    : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd != -1) {
		(void)buf_read(&raw, fd, SIGNATURE_MAX);
		close(fd);
	}
	text_repair(raw.data, raw.size, &text);
	buf_clear(&raw);
	free(path);
	return buf_steal(&text);
}

void
identity_init(struct identity *identity, const struct account_list *accounts,
    const struct account *account)
{
	struct person person = { 0 };
	struct buf from = BUF_INIT;

	*identity = (struct identity){ 0 };
	if (account != NULL) {
		person.name = xstrdup(account->full_name);
		person.address = xstrdup(account->address);
	} else {
		guess(&person);
	}
	person_format(&person, &from);
	people_add(&identity->own, "", person.address);
	for (size_t i = 0; accounts != NULL && i < accounts->count; i++)
		people_add(&identity->own, "", accounts->items[i].address);
	identity->from = buf_steal(&from);
	identity->signature =
	    read_signature(account == NULL ? "" : account->signature_file);
	identity->writer = (struct writer){
		.from = identity->from,
		.own = &identity->own,
		.signature = identity->signature,
		.account = account == NULL ? "" : account->name,
	};
	free(person.name);
	free(person.address);
}

void
identity_clear(struct identity *identity)
{
	people_clear(&identity->own);
	free(identity->from);
	free(identity->signature);
	*identity = (struct identity){ 0 };
}

void
identity_note_written(const struct draft *draft)
{
	static const enum draft_field fields[] = { DRAFT_TO, DRAFT_CC,
		DRAFT_BCC };
	char *path = folders_contacts();
	struct people people = { 0 };
	char why[80];

	for (size_t i = 0; i < COUNT(fields); i++)
		(void)draft_people(draft, fields[i], &people, why, sizeof(why));
	if (path != NULL && people.count > 0)
		(void)contacts_note(path, &people);
	people_clear(&people);
	free(path);
}
