/* dkim_store.c - a folder a domain, a file a key. */
#include "common/dkim_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/address.h"
#include "common/buf.h"
#include "common/log.h"

enum { PEM_MAX = 16 * 1024 };

static const char suffix[] = ".key";

bool
dkim_selector_is_valid(const char *selector)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t size = strlen(selector);

	return size > 0 && size <= DKIM_SELECTOR_MAX && selector[0] != '-' &&
	    selector[size - 1] != '-' && strspn(selector, allowed) == size;
}

/* Cuts the suffix off; false when NAME is no key's. */
static bool
take_selector(const char *name, char selector[DKIM_SELECTOR_MAX + 1])
{
	size_t size = strlen(name);
	size_t tail = strlen(suffix);

	if (size <= tail || size - tail > DKIM_SELECTOR_MAX ||
	    strcmp(name + size - tail, suffix) != 0)
		return false;
	memcpy(selector, name, size - tail);
	selector[size - tail] = '\0';
	return dkim_selector_is_valid(selector);
}

/* A path of a domain's folder; NULL when it is no name. */
static char *
folder_of(const char *domain)
{
	char *path;

	if (!domain_is_valid(domain))
		return NULL;
	path = xasprintf("%s/%s", DKIM_STORE, domain);
	for (char *c = path; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return path;
}

bool
dkim_store_knows(const char *domain)
{
	char *path = folder_of(domain);
	struct stat st;
	/* Whoever is not let in to look does not know that there is none. */
	bool there = path != NULL && (stat(path, &st) == 0 || errno != ENOENT);

	free(path);
	return there;
}

static int
open_folder(const char *domain)
{
	char *path = folder_of(domain);
	int fd = -1;

	errno = ENOENT;
	if (path != NULL)
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 && errno != ENOENT)
		log_errno("open %s", log_safe(path));
	free(path);
	return fd;
}

static int
read_key(int folder, const char *name, struct dkim_key *key)
{
	struct buf text = BUF_INIT;
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int rc;

	if (fd == -1)
		return log_errno("open %s/.../%s", DKIM_STORE, log_safe(name));
	rc = buf_read(&text, fd, PEM_MAX);
	close(fd);
	if (rc == -1) {
		buf_clear(&text);
		return log_failure("%s/.../%s cannot be read", DKIM_STORE,
		    log_safe(name));
	}
	key->pem = buf_steal(&text);
	return 0;
}

static int
by_selector(const void *a, const void *b)
{
	const struct dkim_key *one = a;
	const struct dkim_key *other = b;

	return strcmp(one->selector, other->selector);
}

/* Takes over FOLDER. */
static int
read_keys(int folder, struct dkim_keys *keys)
{
	DIR *list = fdopendir(folder);
	int rc = 0;

	if (list == NULL) {
		close(folder);
		return log_errno("list a folder of %s/", DKIM_STORE);
	}
	for (const struct dirent *entry = readdir(list);
	     entry != NULL && rc == 0 && keys->count < DKIM_KEYS_MAX;
	     entry = readdir(list)) {
		struct dkim_key *key = &keys->list[keys->count];

		if (!take_selector(entry->d_name, key->selector))
			continue;
		rc = read_key(dirfd(list), entry->d_name, key);
		if (rc == 0)
			keys->count++;
	}
	closedir(list);
	qsort(keys->list, keys->count, sizeof(keys->list[0]), by_selector);
	return rc;
}

int
dkim_store_read(const char *domain, struct dkim_keys *keys)
{
	int folder;

	*keys = (struct dkim_keys){ .count = 0 };
	folder = open_folder(domain);
	if (folder == -1)
		return errno == ENOENT ? 0 : -1;
	return read_keys(folder, keys);
}

void
dkim_keys_clear(struct dkim_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++) {
		explicit_bzero(keys->list[i].pem, strlen(keys->list[i].pem));
		free(keys->list[i].pem);
	}
	keys->count = 0;
}

static int
is_domain(const struct dirent *entry)
{
	return domain_is_valid(entry->d_name);
}

int
dkim_store_domains(int (*each)(void *arg, const char *domain), void *arg)
{
	struct dirent **list;
	int count = scandir(DKIM_STORE, &list, is_domain, alphasort);
	int rc = 0;

	if (count == -1)
		return errno == ENOENT ? 0 : log_errno("list %s/", DKIM_STORE);
	for (int i = 0; i < count; i++) {
		if (rc == 0)
			rc = each(arg, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return rc;
}

static int
sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd == -1)
		return log_errno("open %s", log_safe(path));
	rc = fsync(fd);
	if (rc == -1)
		log_errno("sync %s", log_safe(path));
	close(fd);
	return rc;
}

static int
make_folder(const char *path)
{
	if ((mkdir(DKIM_STORE, 0700) == -1 && errno != EEXIST) ||
	    (mkdir(path, 0700) == -1 && errno != EEXIST))
		return log_errno("make %s", log_safe(path));
	return sync_folder(".") == -1 ? -1 : sync_folder(DKIM_STORE);
}

/* Writes NEW in full, then lets it have its name. */
static int
write_key(const char *new, const char *path, const char *pem, size_t size)
{
	int fd = open(new,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc = -1;

	if (fd == -1)
		return log_errno("create %s", log_safe(new));
	if (write_all(fd, pem, size) == -1 || fsync(fd) == -1)
		log_errno("write %s", log_safe(new));
	else if (link(new, path) == 0)
		rc = 0; /* it signs from here on */
	else
		rc = errno == EEXIST ? 1 : log_errno("link %s", log_safe(path));
	close(fd);
	(void)unlink(new);
	return rc;
}

int
dkim_store_add(const char *domain, const char *selector, const char *pem,
    size_t size)
{
	char *folder = folder_of(domain);
	char *path;
	char *new;
	int rc = -1;

	if (folder == NULL || !dkim_selector_is_valid(selector)) {
		free(folder);
		return log_failure("no name of a key: %s of %s",
		    log_safe(selector), log_safe(domain));
	}
	path = xasprintf("%s/%s%s", folder, selector, suffix);
	new = xasprintf("%s/%s.new", folder, selector);
	if (make_folder(folder) == 0)
		rc = write_key(new, path, pem, size);
	if (rc == 0)
		rc = sync_folder(folder);
	free(new);
	free(path);
	free(folder);
	return rc;
}

int
dkim_store_remove(const char *domain, const char *selector)
{
	char *folder = folder_of(domain);
	char *path;
	int rc = 1;

	if (folder == NULL || !dkim_selector_is_valid(selector)) {
		free(folder);
		return 1;
	}
	path = xasprintf("%s/%s%s", folder, selector, suffix);
	if (unlink(path) == 0)
		rc = sync_folder(folder);
	else if (errno != ENOENT)
		rc = log_errno("remove %s", log_safe(path));
	/* The last key was it: an empty folder is removed, any other stays. */
	if (rc == 0)
		(void)rmdir(folder);
	free(path);
	free(folder);
	return rc;
}
