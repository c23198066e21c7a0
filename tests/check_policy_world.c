/* check_policy_world.c - what the suites of the policy share. */
#include "tests/check_policy_world.h"

#include <check.h>

#include "common/directory.h"
#include "tests/check_smtpd_world.h"

struct listener policy_listener;

struct policy
policy_make(const char *login)
{
	policy_listener = world_listener();
	if (world_service.directory == NULL)
		world_service.directory = directory_open(false);
	return (struct policy){
		.config = &world_config,
		.listener = &policy_listener,
		.directory = world_service.directory,
		.login = login,
	};
}

struct address
policy_address(const char *text)
{
	struct address address = { .local = "" };

	if (*text != '\0')
		ck_assert(address_parse(text, &address));
	return address;
}
