/*
 * fuzz_auth.c - any bytes as base64 and as what a client says to LOGIN and
 * CRAM-MD5 of our own, and to USER and PASS.
 *
 * Nobody has an account here, so nothing ever succeeds.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/auth.h"
#include "common/auth_account.h"
#include "common/auth_sasl.h"
#include "common/log.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char hostname[] = "mx.fuzz.example";
static char domain[] = "fuzz.example";
static char mechanisms[] = "LOGIN CRAM-MD5";

static const struct config config = {
	.hostname = hostname,
	.domain = domain,
	.mechanisms = mechanisms,
	.teaching = true,
	.failures_per_minute = 200,
};

static struct account_store *store;

static void
expect(bool truth, const char *what)
{
	if (!truth)
		panic("%s", what);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char folder[] = "/tmp/fuzz-auth-XXXXXX";

	(void)argc;
	(void)argv;
	log_init("fuzz", "");
	setenv("SASL_PATH", "/nonexistent", 1);
	expect(mkdtemp(folder) != NULL && chdir(folder) == 0, "a folder");
	expect(directory_create() == 0 && secrets_create() == 0, "stores");
	expect(auth_sasl_init(&config) == 0, "SASL");
	store = account_store_open(domain);
	expect(store != NULL, "the stores open");
	/* They are open; nothing need be left behind. */
	unlink("directory.sqlite");
	unlink("secrets.sqlite");
	rmdir(folder);
	return 0;
}

static void
try_base64(const char *text)
{
	struct buf data = BUF_INIT;
	struct buf again = BUF_INIT;

	if (auth_base64_decode(text, &data)) {
		auth_base64_encode(data.data, data.size, &again);
		expect(strcmp(again.data, text) == 0, "base64 is one to one");
	}
	buf_clear(&data);
	buf_clear(&again);
}

/* TEXT is cut in three at its first bytes 0xFE. */
static void
try_mechanism(const char *mechanism, const char *data, size_t size)
{
	struct sasl_attempt *attempt = sasl_attempt_new(&config, store, "pop");
	struct buf challenge = BUF_INIT;
	enum auth_result result =
	    sasl_attempt_start(attempt, mechanism, NULL, 0, &challenge);

	while (result == AUTH_CONTINUE && size > 0) {
		const char *end = memchr(data, 0xFE, size);
		size_t part = end == NULL ? size : (size_t)(end - data);

		result = sasl_attempt_step(attempt, data, part, &challenge);
		part += end != NULL;
		data += part;
		size -= part;
	}
	expect(result != AUTH_SUCCESS && result != AUTH_LATER,
	    "nobody gets in, and nothing breaks");
	buf_clear(&challenge);
	sasl_attempt_free(attempt);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xmalloc(size + 1);
	struct sasl_attempt *attempt = sasl_attempt_new(&config, store, "pop");

	memcpy(text, data, size);
	text[size] = '\0';
	try_base64(text);
	try_mechanism("LOGIN", text, size);
	try_mechanism("CRAM-MD5", text, size);
	expect(sasl_attempt_password(attempt, text, text) == AUTH_FAILED,
	    "nobody gets in");
	sasl_attempt_free(attempt);
	free(text);
	return 0;
}
