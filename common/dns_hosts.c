/* dns_hosts.c - reading the table of hosts. */
#include "common/dns_hosts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/dns_ip.h"
#include "common/log.h"

enum { FILE_MAX = 4 << 20 };

static void
add_host(struct dns_hosts *hosts, const char *name,
    const struct sockaddr_storage *address)
{
	struct dns_host *host;

	hosts->hosts =
	    xrealloc(hosts->hosts, (hosts->count + 1) * sizeof(*hosts->hosts));
	host = &hosts->hosts[hosts->count++];
	host->address = *address;
	(void)copy_string(host->name, sizeof(host->name), name);
}

/* ADDRESS NAME ... [# comment] */
static bool
take_line(struct dns_hosts *hosts, char *line)
{
	static const char blanks[] = " \t\r";
	struct sockaddr_storage address;
	char *rest;
	char *word;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, blanks, &rest);
	if (word == NULL)
		return true;
	if (!dns_parse_ip(word, &address))
		return false;
	while ((word = strtok_r(NULL, blanks, &rest)) != NULL) {
		if (!domain_is_valid(word))
			return false;
		add_host(hosts, word, &address);
	}
	return true;
}

static int
read_whole(const char *file, struct buf *text)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd == -1)
		return log_errno("open %s", file);
	rc = buf_read(text, fd, FILE_MAX);
	if (rc == -1)
		log_errno("read %s", file);
	else if (rc == 1)
		rc = log_failure("%s is too long", file);
	close(fd);
	return rc;
}

void
dns_hosts_read(struct dns_hosts *hosts, const char *file)
{
	struct buf text = BUF_INIT;
	char *rest;
	int number = 0;

	hosts->hosts = NULL;
	hosts->count = 0;
	if (*file == '\0' || read_whole(file, &text) == -1)
		goto out;
	rest = text.data;
	while (rest != NULL && *rest != '\0') {
		char *line = strsep(&rest, "\n");

		number++;
		if (!take_line(hosts, line))
			log_event(LOG_WARN, "hosts-line", "file=%s line=%d",
			    log_safe(file), number);
	}
out:
	buf_clear(&text);
}

const struct dns_host *
dns_hosts_find(const struct dns_hosts *hosts, const char *name, size_t from)
{
	for (size_t i = from; i < hosts->count; i++)
		if (strcasecmp(hosts->hosts[i].name, name) == 0)
			return &hosts->hosts[i];
	return NULL;
}

void
dns_hosts_clear(struct dns_hosts *hosts)
{
	free(hosts->hosts);
	hosts->hosts = NULL;
	hosts->count = 0;
}
