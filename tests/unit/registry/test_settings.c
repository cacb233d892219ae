/* farseat.conf: what is taken, what is refused with its place, and that the sample is what it says.
 */
#include "tests/unit/cmocka_first.h"

#include "common/base/file.h"
#include "common/base/paths.h"
#include "server/registry/settings_session.h"
#include "tests/unit/registry/home.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
	char path[PATH_MAX];

	return home_setup(state) < 0 ? -1 : dir_make(home_file("config", path), 0700);
}

static void a_missing_file_means_the_defaults(void **state)
{
	struct settings s, d = settings_default();
	char error[CONFIG_ERROR_MAX_BYTES];

	(void)state;
	assert_int_equal(settings_read(&s, NULL, error), 0);
	assert_memory_equal(&s, &d, sizeof(d));
	assert_true(d.tls12 && d.tls13 && d.resumption);
	assert_string_equal(d.listen, ":7420");
}

static void a_named_file_must_be_there(void **state)
{
	struct settings s;
	char error[CONFIG_ERROR_MAX_BYTES];

	(void)state;
	assert_int_equal(settings_read(&s, "/nowhere/farseat.conf", error), -ENOENT);
	assert_non_null(strstr(error, "/nowhere/farseat.conf"));
}

static void the_sample_is_all_comments(void **state)
{
	struct settings s, d = settings_default();
	char error[CONFIG_ERROR_MAX_BYTES];

	(void)state;
	home_write("config/farseat.conf", settings_sample);
	assert_int_equal(settings_read(&s, NULL, error), 0);
	assert_memory_equal(&s, &d, sizeof(d));
}

/* The keys of the sessions to show, but for one. */
static bool is_other_session(const char *line, const char *kept)
{
	static const char *const keys[] = { "display", "wayland", "virtual" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strncmp(line, keys[i], strlen(keys[i])) == 0)
			return strcmp(keys[i], kept) != 0;
	return false;
}

static void read_sample_with(const char *key, struct settings *s)
{
	char error[CONFIG_ERROR_MAX_BYTES] = "", *text = strdup(settings_sample);

	for (char *at = text; (at = strstr(at, "\n#")) != NULL; at++)
		if (at[2] != ' ' && !is_other_session(at + 2, key))
			memmove(at + 1, at + 2, strlen(at + 2) + 1);
	home_write("config/farseat.conf", text);
	if (settings_read(s, NULL, error) < 0)
		fail_msg("%s", error);
	free(text);
}

/* Every key that the sample names is taken, with the value that it shows; those of the session to show
 * exclude each other. */
static void the_sample_names_what_there_is(void **state)
{
	struct settings s;

	(void)state;
	read_sample_with("virtual", &s);
	assert_int_equal(s.virtual_width_px, 1920);
	assert_int_equal(s.virtual_height_px, 1080);
	assert_int_equal(s.ticket_lifetime_s, 12 * 3600);
	read_sample_with("display", &s);
	assert_string_equal(s.display, ":0");
	read_sample_with("wayland", &s);
	assert_string_equal(s.wayland, "wayland-1");
}

static void values_are_taken(void **state)
{
	struct settings s;
	char error[CONFIG_ERROR_MAX_BYTES];

	(void)state;
	home_write("config/farseat.conf",
		"[server]\nlisten = 127.0.0.1:1, [::1]:2\nvirtual = 64x64\nsession = exec xterm -e 'a b'\n"
		"[tls]\ntls12 = no\nresumption = off\nticket_lifetime = 90m\n");
	assert_int_equal(settings_read(&s, NULL, error), 0);
	assert_string_equal(s.listen, "127.0.0.1:1, [::1]:2");
	assert_string_equal(s.session, "exec xterm -e 'a b'");
	assert_int_equal(s.virtual_width_px, 64);
	assert_false(s.tls12);
	assert_false(s.resumption);
	assert_int_equal(s.ticket_lifetime_s, 5400);
}

static bool from(const struct gateways *g, const char *text)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return gateways_have(g, (const struct sockaddr *)&in);
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return gateways_have(g, (const struct sockaddr *)&in6);
}

static void gateways_are_named(void **state)
{
	struct settings s;
	char error[CONFIG_ERROR_MAX_BYTES];
	static const char *const gateways[] = { "10.0.0.1", "::ffff:10.0.0.1", "192.168.4.0",
		"192.168.7.255", "2001:db8:0:1::1", "::1" };
	static const char *const others[] = { "10.0.0.2", "11.0.0.1", "192.168.8.0",
		"192.168.3.255", "2001:db8:0:2::1", "127.0.0.1", "::2" };

	(void)state;
	s = settings_default();
	assert_false(from(&s.gateways, "127.0.0.1"));
	assert_false(from(&s.gateways, "0.0.0.0"));
	home_write("config/farseat.conf",
		"[gateway]\nproxy_from = 10.0.0.1, 192.168.4.0/22 2001:db8:0:1::/64,::1\n");
	assert_int_equal(settings_read(&s, NULL, error), 0);
	for (size_t i = 0; i < ARRAY_LEN(gateways); i++)
		assert_true(from(&s.gateways, gateways[i]));
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_false(from(&s.gateways, others[i]));
}

static void a_relay_is_named(void **state)
{
	struct settings s;
	char error[CONFIG_ERROR_MAX_BYTES];
	static const struct {
		const char *bind, *host;
		uint16_t port;
	} binds[] = {
		{ "7421", "localhost", 7421 },
		{ "localhost:1", "localhost", 1 },
		{ "*:65535", "*", 65535 },
		{ "192.0.2.1:80", "192.0.2.1", 80 },
		{ "[2001:db8::1]:80", "2001:db8::1", 80 },
	};

	(void)state;
	s = settings_default();
	assert_string_equal(s.tunnel.relay.host, "");
	assert_string_equal(s.tunnel.bind_host, "localhost");
	assert_int_equal(s.tunnel.bind_port, 7420);
	home_write("config/farseat.conf", "[tunnel]\nrelay = me@relay.example\n");
	assert_int_equal(settings_read(&s, NULL, error), 0);
	assert_string_equal(s.tunnel.relay.user, "me");
	assert_string_equal(s.tunnel.relay.host, "relay.example");
	assert_int_equal(s.tunnel.relay.port, 22);
	for (size_t i = 0; i < ARRAY_LEN(binds); i++) {
		char text[128];
		snprintf(text, sizeof(text), "[tunnel]\nbind = %s\n", binds[i].bind);
		home_write("config/farseat.conf", text);
		assert_int_equal(settings_read(&s, NULL, error), 0);
		assert_string_equal(s.tunnel.bind_host, binds[i].host);
		assert_int_equal(s.tunnel.bind_port, binds[i].port);
	}
}

static void folders_are_named(void **state)
{
	struct settings s = settings_default();
	char error[CONFIG_ERROR_MAX_BYTES], home[CONFIG_TEXT_MAX_BYTES];

	(void)state;
	snprintf(home, sizeof(home), "%s/Farseat", path_home());
	assert_int_equal(s.files.folder_count, 1);
	assert_string_equal(s.files.folders[0], home);
	home_write("config/farseat.conf", "[files]\nfolders = /srv/plans/:~:/\n");
	assert_int_equal(settings_read(&s, NULL, error), 0);
	assert_int_equal(s.files.folder_count, 3);
	assert_string_equal(s.files.folders[0], "/srv/plans");
	assert_string_equal(s.files.folders[1], path_home());
	assert_string_equal(s.files.folders[2], "/");
	home_write("config/farseat.conf", "[files]\nfolders = none\n");
	assert_int_equal(settings_read(&s, NULL, error), 0);
	assert_int_equal(s.files.folder_count, 0);
}

static void mistakes_are_told_with_their_place(void **state)
{
	static const struct {
		const char *text, *said;
	} bad[] = {
		{ "[server]\nlisen = :1\n", ":2: [server] lisen=" },
		{ "listen = :1\n", "is not known" },
		{ "[sever]\nlisten = :1\n", "is not known" },
		{ "[server]\nlisten = :99999\n", "is not a list of addresses" },
		{ "[server]\nlisten = 127.0.0.1:83440\n", "is not a list of addresses" },
		{ "[server]\nlisten = 7420\n", "is not a list of addresses" },
		{ "[files]\nfolders = Farseat\n", "is not a list of whole paths" },
		{ "[files]\nfolders = ~root\n", "is not a list of whole paths" },
		{ "[files]\nfolders = /srv/../etc\n", "is not a list of whole paths" },
		{ "[files]\nfolders =\n", "names no folder" },
		{ "[files]\nfolders = /1:/2:/3:/4:/5:/6:/7:/8:/9\n", "more than 8 folders" },
		{ "[server]\nlisten = :0\n", "is not a list of addresses" },
		{ "[server]\nlisten = :7420 # for all\n", "is not a list of addresses" },
		{ "[server]\nlisten =\n", "is not a list of addresses" },
		{ "[server]\nlisten = :1 :2 :3 :4 :5 :6 :7 :8 :9\n", "more than 8" },
		{ "[server]\ndisplay = 0\n", "is not the name of an X display" },
		{ "[server]\ndisplay = :x\n", "is not the name of an X display" },
		{ "[server]\ndisplay = :0 # mine\n", "is not the name of an X display" },
		{ "[server]\ndisplay = :0.\n", "is not the name of an X display" },
		{ "[server]\ndisplay = :0\nvirtual = 800x600\n", "exclude each other" },
		{ "[server]\nwayland = run/wayland-1\n", "is not the name of a Wayland socket" },
		{ "[server]\nwayland = wayland-1 # mine\n", "is not the name of a Wayland socket" },
		{ "[server]\nwayland = wayland-1\ndisplay = :0\n", "wayland excludes display" },
		{ "[server]\nwayland = wayland-1\nvirtual = 800x600\n",
			"wayland excludes display" },
		{ "[server]\nvirtual = 800x600\nsession = xterm # mine\n", "holds a comment" },
		{ "[tls]\nticket_lifetime = 99h\n", "between 1s and 12h" },
		{ "[tls]\nticket_lifetime = 0\n", "between 1s and 12h" },
		{ "[tls]\ncert = server.crt\n", "is not a whole path" },
		{ "[tls]\ncert = /server.crt # ours\n", "holds a comment" },
		{ "[tls]\ncert = /server.crt\n", "belong together" },
		{ "[tls]\nkey = /server.key\n", "belong together" },
		{ "[server]\nvirtual = 1920\n", "is not a size" },
		{ "[server]\nvirtual = 1920x1080x3\n", "is not a size" },
		{ "[server]\nvirtual = 63x64\n", "is not a size" },
		{ "[server]\nvirtual = 16385x64\n", "is not a size" },
		{ "[server]\nvirtual = 16384x16384\n", "is not a size" },
		{ "[server]\nvirtual = -1x64\n", "is not a size" },
		{ "[gateway]\nproxy_from = 10.0.0.1, gateway\n", "is not a list of addresses" },
		{ "[gateway]\nproxy_from = 0.0.0.0/0\n", "is not a list of addresses" },
		{ "[gateway]\nproxy_from = 10.0.0.0/33\n", "is not a list of addresses" },
		{ "[gateway]\nproxy_from = 10.0.0.0/8x\n", "is not a list of addresses" },
		{ "[gateway]\nproxy_from = 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 "
		  "1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1\n",
			"more than 16" },
		{ "[tunnel]\nrelay = relay.example\n", "is not an SSH login" },
		{ "[tunnel]\nrelay = -oProxyCommand=x@relay\n", "is not an SSH login" },
		{ "[tunnel]\nrelay = me@relay:0\n", "is not an SSH login" },
		{ "[tunnel]\nbind = localhost\n", "is not ADDRESS:PORT" },
		{ "[tunnel]\nbind = 0\n", "is not ADDRESS:PORT" },
		{ "[tunnel]\nbind = 65536\n", "is not ADDRESS:PORT" },
		{ "[tunnel]\nbind = *:\n", "is not ADDRESS:PORT" },
		{ "[tunnel]\nbind = *\n", "is not ADDRESS:PORT" },
		{ "[tunnel]\nbind = a\"b:1\n", "is not ADDRESS:PORT" },
		{ "[tunnel]\nbind = me@localhost:1\n", "is not ADDRESS:PORT" },
		{ "[tls]\ntls12 = maybe\n", "neither yes nor no" },
		{ "[tls]\nticket_lifetime = soon\n", "is not a time" },
		{ "[tls]\ntls12 = no\ntls13 = no\n", "nobody could connect" },
		{ "[server]\nlisten\n", ":2:" },
		{ "[server\nlisten = :1\n", ":1:" },
	};
	struct settings s;
	char error[CONFIG_ERROR_MAX_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		home_write("config/farseat.conf", bad[i].text);
		assert_int_equal(settings_read(&s, NULL, error), -EINVAL);
		if (!strstr(error, bad[i].said) || !strstr(error, "farseat.conf"))
			fail_msg("'%s' is said of: %s", error, bad[i].text);
	}
}

/* Which agent shows a session: by the name of what is shown, or by the first word of what is started. */
static void test_wayland(void **state)
{
	static const struct {
		const char *session;
		bool wayland;
	} cases[] = { { "sway", true }, { "labwc", true }, { "exec sway -c /tmp/conf", true },
		{ "/usr/bin/sway", true }, { "sway; true", true },
		{ "WLR_RENDERER=gles2 mine", true }, { "", false }, { "startxfce4", false },
		{ "swaybg", false }, { "/opt/sway/start", false }, { "echo sway", false },
		{ "XLR_A=b sway", false } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct settings s = { .virtual_width_px = 640, .virtual_height_px = 480 };
		snprintf(s.session, sizeof(s.session), "%s", cases[i].session);
		assert_int_equal(settings_is_wayland(&s), cases[i].wayland);
		s.virtual_width_px = 0; /* the command is of a virtual session alone */
		assert_false(settings_is_wayland(&s));
		snprintf(s.wayland, sizeof(s.wayland), "wayland-1");
		assert_true(settings_is_wayland(&s));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wayland),
		cmocka_unit_test_setup_teardown(
			a_missing_file_means_the_defaults, setup, home_teardown),
		cmocka_unit_test_setup_teardown(a_named_file_must_be_there, setup, home_teardown),
		cmocka_unit_test_setup_teardown(the_sample_is_all_comments, setup, home_teardown),
		cmocka_unit_test_setup_teardown(
			the_sample_names_what_there_is, setup, home_teardown),
		cmocka_unit_test_setup_teardown(values_are_taken, setup, home_teardown),
		cmocka_unit_test_setup_teardown(gateways_are_named, setup, home_teardown),
		cmocka_unit_test_setup_teardown(a_relay_is_named, setup, home_teardown),
		cmocka_unit_test_setup_teardown(folders_are_named, setup, home_teardown),
		cmocka_unit_test_setup_teardown(
			mistakes_are_told_with_their_place, setup, home_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
