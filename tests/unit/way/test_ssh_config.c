/* What ssh -G makes of a destination. */
#include "tests/unit/cmocka_first.h"

#include "client/way/ssh_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void test_via(void **state)
{
	(void)state;
	assert_null(ssh_via_wrong("a"));
	assert_null(ssh_via_wrong("me@a:22,b,c,d,e,f"));
	assert_non_null(ssh_via_wrong("a,b,c,d,e,f,g"));
	assert_non_null(ssh_via_wrong("a,,b"));
	assert_non_null(ssh_via_wrong(",a"));
	assert_non_null(ssh_via_wrong("a,-b"));
}

static struct ssh_host host_of(const char *typed, const char *said)
{
	static struct ssh_host h;
	struct ssh_destination d;

	assert_int_equal(ssh_destination_parse(typed, strlen(typed), &d), 0);
	ssh_host_from(&d, said, strlen(said), "/home/me", &h);
	return h;
}

static void test_answer(void **state)
{
	static const char said[] =
		"host jump\nuser bob\nhostname jump.example\nport 2200\n"
		"stricthostkeychecking ask\nidentitiesonly yes\nbatchmode no\n"
		"identityfile ~/.ssh/id %r\nidentityfile /keys/%h\nidentityfile /x/%q\n"
		"globalknownhostsfile /etc/kh /etc/kh2\nuserknownhostsfile ~/kh\n"
		"identityagent none\nproxyjump a,b\nproxycommandx y\nnonsense\n";

	(void)state;
	setenv("SSH_AUTH_SOCK", "/run/agent", 1);
	struct ssh_host h = host_of("jump", said);
	assert_string_equal(h.config.address, "jump.example");
	assert_string_equal(h.config.host, "[jump.example]:2200");
	assert_string_equal(h.config.user, "bob");
	assert_int_equal(h.config.port, 2200);
	assert_true(h.config.identities_only);
	assert_int_equal(h.config.identity_count, 2);
	assert_string_equal(h.config.identities[0], "/home/me/.ssh/id bob");
	assert_string_equal(h.config.identities[1], "/keys/jump.example");
	assert_int_equal(h.config.known_hosts_count, 3); /* one's own first: it is added to */
	assert_string_equal(h.config.known_hosts[0], "/home/me/kh");
	assert_string_equal(h.config.known_hosts[2], "/etc/kh2");
	assert_string_equal(h.config.agent, "");
	assert_string_equal(h.jump, "a,b");
	assert_false(h.jump_by_command);
	assert_false(h.strict);

	h = host_of("al@jump:22", said); /* typed wins */
	assert_string_equal(h.config.user, "al");
	assert_string_equal(h.config.host, "jump.example");
	h = host_of("jump", "hostname x\nhostkeyalias real\nport 2200\nproxycommand nc x\n");
	assert_string_equal(h.config.host, "real");
	assert_true(h.jump_by_command);
	assert_string_equal(h.config.agent, "/run/agent");
	h = host_of("jump", "hostname x\nstricthostkeychecking yes\nproxyjump none\n");
	assert_true(h.strict);
	assert_string_equal(h.jump, "");
	h = host_of("jump", "hostname x\nstricthostkeychecking no\n"); /* never without asking */
	assert_false(h.strict);
}

static void test_without_ssh(void **state)
{
	(void)state;
	struct ssh_host h = host_of("bob@jump", "");
	assert_string_equal(h.config.address, "jump");
	assert_string_equal(h.config.user, "bob");
	assert_int_equal(h.config.port, 22);
	assert_string_equal(h.config.known_hosts[0], "/home/me/.ssh/known_hosts");
	assert_string_equal(h.config.identities[0], "/home/me/.ssh/id_ed25519");
}

static void test_too_much(void **state)
{
	static char said[64 * 1024];
	size_t len = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		len += (size_t)snprintf(said + len, sizeof(said) - len,
			"identityfile /k/%d\nuserknownhostsfile /h/%d\n", i, i);
	len += (size_t)snprintf(said + len, sizeof(said) - len, "identityfile /");
	memset(said + len, 'x', 2000);
	said[len + 2000] = '\0';
	struct ssh_host h = host_of("jump", said);
	assert_int_equal(h.config.identity_count, RECORD_IDENTITIES_MAX);
	assert_int_equal(h.config.known_hosts_count, RECORD_KNOWN_HOSTS_MAX);
}

/* What ssh expands in IdentityAgent, and leaves to us in IdentityFile, is the same. */
static void test_tokens_as_ssh_has_them(void **state)
{
	static const char *const texts[] = { "~/%n-%h-%r", "%d/%u/%i", "~root/%p%%", "/k/%k",
		"/k/%C", "/k/%l.%L", "/k/${FARSEAT_WORD}/${FARSEAT_EMPTY}x", "/my keys/$HOME" };
	char config[] = "/tmp/farseat-ssh-XXXXXX";
	struct ssh_host hops[SSH_HOPS_MAX];
	size_t count;

	(void)state;
	if (access("/usr/bin/ssh", X_OK) != 0)
		skip();
	close(mkstemp(config));
	setenv("FARSEAT_SSH_CONFIG", config, 1);
	setenv("FARSEAT_WORD", "a word", 1);
	setenv("FARSEAT_EMPTY", "", 1);
	for (size_t i = 0; i < ARRAY_LEN(texts) * 2; i++) {
		const char *text = texts[i / 2];
		FILE *f = fopen(config, "w");
		fprintf(f, "Host jump\n HostName %%h.example\n Port 2200\n User bob\n%s",
			i % 2 ? " HostKeyAlias real\n" : "");
		fprintf(f, "IdentityFile \"%s\"\nIdentityAgent \"%s\"\n", text, text);
		fclose(f);
		assert_int_equal(ssh_hops("jump", hops, &count), 0);
		assert_int_equal(hops[0].config.identity_count, 1);
		assert_string_equal(hops[0].config.identities[0], hops[0].config.agent);
	}
	unsetenv("FARSEAT_SSH_CONFIG");
	unlink(config);
}

static void test_jump_token(void **state)
{
	(void)state;
	struct ssh_host h = host_of("jump", "hostname x\nidentityfile /k/%j-%C\nproxyjump a,b\n"
					    "controlpath 12ab\n");
	assert_string_equal(h.config.identities[0], "/k/a,b-12ab");
}

/* A key that cannot be meant is skipped; what ssh has expanded is not expanded again. */
static void test_paths_to_the_letter(void **state)
{
	static const char said[] =
		"identityfile ~/.ssh/id\nidentityfile /k/${FARSEAT_MISSING}\nidentityfile /k/${x\n"
		"identityfile ~nobody-of-that-name/id\nidentityfile /k/%\nidentityfile /k/%C\n"
		"userknownhostsfile /home/my /own%z/.ssh/kh /home/my /own%z/.ssh/a b /k/${x}%q\n"
		"identityagent /home/my /own%z/agent\n";
	struct ssh_destination d;
	static struct ssh_host h;

	(void)state;
	unsetenv("FARSEAT_MISSING");
	assert_int_equal(ssh_destination_parse("jump", 4, &d), 0);
	ssh_host_from(&d, said, strlen(said), "/home/my /own%z", &h);
	assert_int_equal(h.config.identity_count, 1);
	assert_string_equal(h.config.identities[0], "/home/my /own%z/.ssh/id");
	assert_int_equal(h.config.known_hosts_count, 3);
	assert_string_equal(h.config.known_hosts[0], "/home/my /own%z/.ssh/kh");
	assert_string_equal(h.config.known_hosts[1], "/home/my /own%z/.ssh/a b");
	assert_string_equal(h.config.known_hosts[2], "/k/${x}%q");
	assert_string_equal(h.config.agent, "/home/my /own%z/agent");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_via),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_without_ssh),
		cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_tokens_as_ssh_has_them),
		cmocka_unit_test(test_jump_token),
		cmocka_unit_test(test_paths_to_the_letter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
