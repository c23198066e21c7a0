/*
 * init.c - postlab init: a state folder from nothing, without a question.
 *
 * postlab.conf is written last and appears by a rename: that is the commit
 * point.  A folder without it is no state folder to any program, and one that
 * has it is complete.
 *
 * Run by root, the folder is given to an ordinary account first, and all else
 * is made by that account: what the daemons will become can then read all of
 * it, by construction.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/cert.h"
#include "admin/profile.h"
#include "admin/shell_word.h"
#include "common/buf.h"
#include "common/directory.h"
#include "common/disk.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "common/secrets.h"

static const char config_file[] = "postlab.conf";

struct request {
	const char *domain;
	const char *profile_name;
	const struct profile *profile;
	int port_base;
	char *hostname;
};

/* False when it is wrong; that is said, or the usage will be. */
static bool
read_options(int argc, char **argv, struct request *request, int *status)
{
	static const struct option options[] = {
		{ "domain", required_argument, NULL, 'D' },
		{ "profile", required_argument, NULL, 'p' },
		{ "port-base", required_argument, NULL, 'b' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*status = EX_USAGE;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'D')
			request->domain = optarg;
		else if (option == 'p')
			request->profile_name = optarg;
		else if (option == 'b' &&
		    optarg[strspn(optarg, "0123456789")] == '\0' &&
		    *optarg != '\0' && strlen(optarg) <= 5)
			request->port_base = (int)strtol(optarg, NULL, 10);
		else
			return false;
	}
	request->profile = profile_find(request->profile_name);
	if (optind != argc || request->domain == NULL ||
	    request->profile == NULL)
		return false;
	/* The rules of port_base, and of mail.DOMAIN as a host name. */
	request->hostname = xasprintf("mail.%s", request->domain);
	if (domain_is_valid(request->hostname) && request->port_base <= 60000)
		return true;
	*status = admin_error(EX_DATAERR,
	    "DOMAIN is a name like campus.example, N is 0 to 60000");
	return false;
}

/* The account that will own the folder, when root makes it. */
static const struct passwd *
find_owner(void)
{
	const struct passwd *owner = getpwnam("postlab");

	return owner != NULL ? owner : getpwnam("nobody");
}

/* Whether the folder FD is empty, but for what mkfs leaves. */
static bool
is_empty(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy == -1 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	bool empty = dir != NULL;

	while (empty && (entry = readdir(dir)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    strcmp(entry->d_name, "lost+found") == 0;
	if (dir != NULL)
		closedir(dir);
	else if (copy != -1)
		close(copy);
	return empty;
}

/* Gives the folder to an account that is not root.  An exit status. */
static int
give_away(int fd)
{
	const struct passwd *owner = find_owner();
	struct stat st;

	if (fstat(fd, &st) == -1)
		return admin_error(EX_OSERR, "%s", strerror(errno));
	if (st.st_uid != 0)
		return EX_OK; /* somebody has chosen */
	if (owner == NULL)
		return admin_error(EX_OSERR,
		    "there is no account postlab or nobody to run the daemons");
	if (fchown(fd, owner->pw_uid, owner->pw_gid) == -1)
		return admin_error(EX_CANTCREAT, "give %s to %s: %s",
		    log_safe(admin_dir()), owner->pw_name, strerror(errno));
	return EX_OK;
}

int
admin_claim_folder(const char *dir)
{
	int status = EX_OK;
	int fd;

	if (mkdir(dir, 0700) == -1 && errno != EEXIST)
		return admin_error(EX_CANTCREAT, "make %s: %s", log_safe(dir),
		    strerror(errno));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return admin_error(EX_CANTCREAT, "%s: %s", log_safe(dir),
		    strerror(errno));
	if (faccessat(fd, config_file, F_OK, 0) == 0)
		status = admin_error(EX_CANTCREAT,
		    "%s/%s is there already; nothing was changed",
		    log_safe(dir), config_file);
	else if (!is_empty(fd))
		status = admin_error(EX_CANTCREAT,
		    "%s is not empty; nothing was changed", log_safe(dir));
	else if (geteuid() == 0)
		status = give_away(fd);
	if (status == EX_OK && (fchdir(fd) == -1 || fchmod(fd, 0700) == -1))
		status = admin_error(EX_CANTCREAT, "%s: %s", log_safe(dir),
		    strerror(errno));
	close(fd);
	return status;
}

static int
make_folders(void)
{
	static const char *const names[] = { "mail", "queue", "queue/incoming",
		"queue/incoming/spool", "run", "tls", "log" };

	for (size_t i = 0; i < COUNT(names); i++) {
		if (mkdir(names[i], 0700) == -1)
			return log_errno("make %s", names[i]);
	}
	return 0;
}

static int
make_databases(const char *domain)
{
	struct directory *directory;
	const char *why;
	int rc;

	if (directory_create() == -1 || secrets_create() == -1)
		return -1;
	directory = directory_open(true);
	if (directory == NULL)
		return -1;
	rc = directory_add_domain(directory, domain, &why);
	if (rc == -1)
		log_failure("%s: %s", domain, why);
	directory_close(directory);
	return rc;
}

static int
write_config(const struct request *request)
{
	static const char draft[] = "postlab.conf.new";
	struct buf text = BUF_INIT;
	int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc = 0;

	if (fd == -1)
		return log_errno("create %s", draft);
	profile_write(request->profile, request->domain, request->hostname,
	    request->port_base, &text);
	if (write_all(fd, text.data, text.size) == -1 || fsync(fd) == -1)
		rc = log_errno("write %s", draft);
	/* The commit point: now it is a state folder. */
	else if (rename(draft, config_file) == -1)
		rc = log_errno("rename %s", draft);
	/* And all else, with the folder's own name. */
	else
		rc = disk_flush_tree(".");
	close(fd);
	buf_clear(&text);
	return rc;
}

static void
print_summary(const struct request *request)
{
	const struct passwd *owner = getpwuid(geteuid());
	char *dir = shell_word(admin_dir());
	int base = request->port_base;

	printf("%s is made for %s, profile %s, and belongs to %s:\n", dir,
	    request->domain, request->profile_name,
	    owner == NULL ? "this account" : owner->pw_name);
	printf("  postlab.conf      the configuration; the host is %s\n",
	    request->hostname);
	printf("  directory.sqlite  domains, mailboxes and aliases\n"
	       "  secrets.sqlite    what passwords become\n"
	       "  tls/              a private CA (ca.pem) and certificates\n"
	       "  mail/ queue/ run/ log/\n");
	printf("Ports: SMTP %d, submission %d and %d (TLS), POP3 %d and %d "
	       "(TLS).\n",
	    base + 25, base + 587, base + 465, base + 110, base + 995);
	printf("Next: postlab -d %s user add NAME, postlab -d %s up\n", dir,
	    dir);
	free(dir);
}

int
admin_init(int argc, char **argv)
{
	struct request request = { .profile_name = "homelab",
		.port_base = 2000 };
	int status;

	if (read_options(argc, argv, &request, &status))
		status = admin_claim_folder(admin_dir());
	if (status == EX_OK) {
		if (sandbox_drop_root("") == 0 && make_folders() == 0 &&
		    make_databases(request.domain) == 0 &&
		    cert_make_all("tls", request.hostname) == 0 &&
		    write_config(&request) == 0)
			print_summary(&request);
		else
			status = admin_error(EX_CANTCREAT,
			    "init did not finish: remove %s before you try "
			    "again (rm -r)",
			    log_safe(admin_dir()));
	}
	free(request.hostname);
	return status;
}
