/* dns_hosts.c - reading the table, and what counts as an address. */
#include "common/dns_hosts.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/log.h"

enum { FILE_MAX = 4 << 20 };

static bool
is_for_one_host(const struct in_addr *address)
{
	in_addr_t host = ntohl(address->s_addr);

	return (host >> 24) != 0 && !IN_MULTICAST(host) && !IN_BADCLASS(host);
}

bool
dns_take_ip(int family, const void *data, size_t size,
    struct sockaddr_storage *address_out)
{
	struct sockaddr_in6 new = { .sin6_family = AF_INET6 };
	struct sockaddr_in old = { .sin_family = AF_INET };

	memset(address_out, 0, sizeof(*address_out));
	if (family == AF_INET && size == sizeof(old.sin_addr)) {
		memcpy(&old.sin_addr, data, size);
		memcpy(address_out, &old, sizeof(old));
		return is_for_one_host(&old.sin_addr);
	}
	if (family != AF_INET6 || size != sizeof(new.sin6_addr))
		return false;
	memcpy(&new.sin6_addr, data, size);
	memcpy(address_out, &new, sizeof(new));
	return !IN6_IS_ADDR_UNSPECIFIED(&new.sin6_addr) &&
	    !IN6_IS_ADDR_MULTICAST(&new.sin6_addr) &&
	    !IN6_IS_ADDR_V4MAPPED(&new.sin6_addr);
}

bool
dns_parse_ip(const char *text, struct sockaddr_storage *address_out)
{
	struct in6_addr new;
	struct in_addr old;

	if (inet_pton(AF_INET, text, &old) == 1)
		return dns_take_ip(AF_INET, &old, sizeof(old), address_out);
	return inet_pton(AF_INET6, text, &new) == 1 &&
	    dns_take_ip(AF_INET6, &new, sizeof(new), address_out);
}

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
