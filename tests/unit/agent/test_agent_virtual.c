/* Sessions that the agent starts by itself: size, session command, and that nothing is left of
 * them. */
#include "tests/unit/agent/harness.h"

#include "common/base/clock.h"

#include <dirent.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct harness h;

/* The socket of the session at hand. Others' servers may take its number over as soon as it is
 * free. */
static struct stat display_socket;

static bool stat_display(struct stat *out)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/tmp/.X11-unix/X%s", h.display + 1);
	return stat(path, out) == 0;
}

static bool display_is_ours(void)
{
	struct stat now;

	return stat_display(&now) && now.st_ino == display_socket.st_ino &&
	       memcmp(&now.st_ctim, &display_socket.st_ctim, sizeof(now.st_ctim)) == 0;
}

static void configure(uint16_t width_px, uint16_t height_px)
{
	harness_configure_virtual(&h, width_px, height_px);
	assert_true(stat_display(&display_socket));
}

static void begin(uint16_t width_px, uint16_t height_px, const char *command)
{
	char auth[128];

	h = (struct harness){ .supervisor.fd = -1, .session = command };
	harness_start_agent(&h);
	configure(width_px, height_px);
	snprintf(auth, sizeof(auth), "%s/Xauthority", h.dir);
	setenv("XAUTHORITY", auth, 1);
}

static bool exists(const char *format, const char *what)
{
	char path[192];
	int n = snprintf(path, sizeof(path), "%s%s", format, what);

	return n > 0 && access(path, F_OK) == 0;
}

static bool alive(pid_t pid)
{
	return kill(pid, 0) == 0;
}

/* The process that wrote its number there. */
static pid_t pid_in(const char *name)
{
	char path[128];
	long pid = 0;

	snprintf(path, sizeof(path), "%s/%s", h.dir, name);
	for (int i = 0; i < HARNESS_TIMEOUT_MS / 20 && pid == 0; i++) {
		FILE *f = fopen(path, "r");
		if (f) {
			if (fscanf(f, "%ld", &pid) != 1)
				pid = 0;
			fclose(f);
		}
		if (pid == 0)
			harness_sleep(20);
	}
	unlink(path);
	assert_true(pid > 0);
	return (pid_t)pid;
}

static bool gone_within(pid_t pid, int ms)
{
	uint64_t end = clock_now_ms() + (uint64_t)ms;

	while (alive(pid) && clock_now_ms() < end)
		harness_sleep(10);
	return !alive(pid);
}

static bool display_gone_within(int ms)
{
	uint64_t end = clock_now_ms() + (uint64_t)ms;

	while (display_is_ours() && clock_now_ms() < end)
		harness_sleep(10);
	return !display_is_ours();
}

/* A session with a process in a session of its own, as daemons are, that ignores what it can. */
static void begin_with_daemon(void)
{
	char command[256];

	begin(800, 600, "sleep 1000");
	harness_stop_agent(&h);
	snprintf(command, sizeof(command),
		"setsid sh -c \"trap '' TERM HUP; echo \\$\\$ > %s/daemon; while :; do sleep 1; done\" & sleep 1000",
		h.dir);
	h.session = command;
	harness_start_agent(&h);
	configure(800, 600);
}

static void test_size_and_access(void **state)
{
	struct stat s;
	char path[128];
	struct peer p;

	(void)state;
	begin(1024, 600, "sleep 1000");
	assert_int_equal(h.ready.width_px, 1024);
	assert_int_equal(h.ready.height_px, 600);
	assert_true(h.ready.resizable);
	snprintf(path, sizeof(path), "%s/Xauthority", h.dir);
	assert_int_equal(stat(path, &s), 0);
	assert_int_equal(s.st_mode & 0777, 0600);
	/* Without the cookie nobody comes in. */
	setenv("XAUTHORITY", "/dev/null", 1);
	xcb_connection_t *c = xcb_connect(h.display, NULL);
	assert_int_not_equal(xcb_connection_has_error(c), 0);
	xcb_disconnect(c);
	setenv("XAUTHORITY", path, 1);
	harness_connect(&h);
	peer_attach(&h, &p, 1, WIRE_CAPS_CONTROL);
	assert_true(peer_wait(&p, &p.framebuffers, HARNESS_TIMEOUT_MS));
	assert_true(p.framebuffer.resizable);
	assert_true(peer_frame(&p, HARNESS_TIMEOUT_MS));
	assert_true(peer_is_exact(&h, &p));
	peer_finish(&p);
	harness_finish(&h);
	assert_false(exists("", path));
	assert_true(display_gone_within(0));
}

static void resize_to(struct peer *p, uint16_t width_px, uint16_t height_px)
{
	struct wire_message m = { .type = WIRE_VIEW };

	m.view.width_px = width_px;
	m.view.height_px = height_px;
	peer_send_wire(p, &m);
	assert_true(peer_wait(p, &p->framebuffers, HARNESS_TIMEOUT_MS));
}

static void test_resize(void **state)
{
	struct peer p, q;
	uint32_t generation;

	(void)state;
	begin(1024, 600, "sleep 1000");
	peer_attach(&h, &p, 1, WIRE_CAPS_CONTROL);
	peer_attach(&h, &q, 2, WIRE_CAPS_VIEW);
	assert_true(peer_wait(&p, &p.framebuffers, HARNESS_TIMEOUT_MS));
	assert_true(peer_wait(&q, &q.framebuffers, HARNESS_TIMEOUT_MS));
	generation = p.framebuffer.generation;
	for (int i = 0; i < 20; i++) {
		resize_to(&p, (uint16_t)(700 + 97 * i), (uint16_t)(500 + 51 * i));
		assert_int_equal(p.framebuffer.width_px, 700 + 97 * i);
		assert_int_equal(p.framebuffer.height_px, 500 + 51 * i);
		assert_true(p.framebuffer.generation > generation);
		generation = p.framebuffer.generation;
		assert_true(peer_frame(&p, HARNESS_TIMEOUT_MS));
		assert_int_equal(p.frame.generation, generation);
	}
	resize_to(&p, 16000, 16000); /* as large as it can be */
	assert_int_equal(p.framebuffer.width_px, 7680);
	assert_int_equal(p.framebuffer.height_px, 4320);
	resize_to(&p, 1, 1);
	assert_int_equal(p.framebuffer.width_px, 64);
	resize_to(&p, 1280, 720);
	harness_connect(&h);
	assert_true(peer_frame(&p, HARNESS_TIMEOUT_MS));
	assert_true(peer_is_exact(&h, &p));
	while (q.framebuffer.width_px != 1280)
		assert_true(peer_wait(&q, &q.framebuffers, HARNESS_TIMEOUT_MS));
	assert_true(peer_frame(&q, HARNESS_TIMEOUT_MS));
	/* None of our modes is left lying about but the one in use. */
	char command[128];
	snprintf(command, sizeof(command),
		"test $(DISPLAY=%s xrandr | grep -c '^ *farseat-') -eq 1", h.display);
	assert_int_equal(system(command), 0);
	peer_finish(&p);
	peer_finish(&q);
	harness_finish(&h);
}

static void send_dpi(struct peer *p, uint16_t dpi)
{
	const struct wire_message m = { .type = WIRE_DPI, .dpi = { .dpi = dpi } };

	peer_send_wire(p, &m);
}

static bool resources_say(const char *wanted)
{
	xcb_window_t root = xcb_setup_roots_iterator(xcb_get_setup(h.x)).data->root;
	xcb_get_property_reply_t *have = xcb_get_property_reply(h.x,
		xcb_get_property(h.x, 0, root, XCB_ATOM_RESOURCE_MANAGER, XCB_ATOM_STRING, 0, 64),
		NULL);
	size_t len = have ? (size_t)xcb_get_property_value_length(have) : 0;
	bool same = len == strlen(wanted) &&
		    memcmp(len ? xcb_get_property_value(have) : "", wanted, len) == 0;

	free(have);
	return same;
}

static double server_dpi(void)
{
	const xcb_screen_t *s = xcb_setup_roots_iterator(xcb_get_setup(h.x)).data;

	return s->height_in_pixels * 25.4 / s->height_in_millimeters;
}

/* Connects, so that the setup is what a program that starts now gets. */
static void attach_awaiting(struct peer *p, uint32_t caps)
{
	char auth[128];

	h = (struct harness){ .supervisor.fd = -1,
		.session = "echo $$ >$(dirname $XAUTHORITY)/session; exec sleep 1000" };
	harness_start_agent(&h);
	harness_configure_awaiting(&h, 1024, 600);
	assert_true(stat_display(&display_socket));
	snprintf(auth, sizeof(auth), "%s/Xauthority", h.dir);
	setenv("XAUTHORITY", auth, 1);
	peer_attach(&h, p, 1, caps);
	assert_true(peer_wait(p, &p->framebuffers, HARNESS_TIMEOUT_MS));
	assert_true(peer_frame(p, HARNESS_TIMEOUT_MS));
	assert_false(exists(h.dir, "/session"));
}

/* The command starts when the viewer has said how fine its display is, and finds that. */
static void test_starts_with_the_viewers_dpi(void **state)
{
	struct peer p;

	(void)state;
	attach_awaiting(&p, WIRE_CAPS_CONTROL);
	send_dpi(&p, 144);
	assert_true(alive(pid_in("session")));
	harness_connect(&h);
	assert_true(resources_say("Xft.dpi:\t144\n"));
	assert_true(server_dpi() > 140 && server_dpi() < 148);
	send_dpi(&p, 192); /* another viewer's comes too late for programs that run */
	assert_true(peer_frame(&p, HARNESS_TIMEOUT_MS));
	assert_true(resources_say("Xft.dpi:\t144\n"));
	assert_false(exists(h.dir, "/session"));
	/* The server keeps it when the window has another size. */
	resize_to(&p, 800, 450);
	xcb_disconnect(h.x);
	harness_connect(&h);
	assert_true(server_dpi() > 140 && server_dpi() < 148);
	peer_finish(&p);
	harness_finish(&h);
}

/* A viewer that has no display, or may not resize the session, has no say: it starts all the same. */
static void test_starts_without_dpi(void **state)
{
	struct peer p;

	(void)state;
	for (int i = 0; i < 2; i++) {
		attach_awaiting(&p, i ? WIRE_CAPS_VIEW : WIRE_CAPS_CONTROL);
		send_dpi(&p, i ? 144 : 0);
		assert_true(alive(pid_in("session")));
		harness_connect(&h);
		assert_true(resources_say(""));
		assert_true(server_dpi() > 93 && server_dpi() < 99);
		peer_finish(&p);
		harness_finish(&h);
	}
}

static void test_session_end_ends_all(void **state)
{
	struct agent_record record;

	(void)state;
	begin(800, 600, "echo $$ >$(dirname $XAUTHORITY)/session; exec sleep 1000");
	assert_int_equal(kill(pid_in("session"), SIGTERM), 0);
	assert_true(harness_wait(&h, RECORD_AGENT_FAILED, &record, HARNESS_TIMEOUT_MS));
	assert_string_equal(record.agent_failed.reason, "the session ended");
	assert_true(
		gone_within(h.agent, 0) || !harness_wait(&h, RECORD_AGENT_READY, &record, 5000));
	harness_finish(&h);
	assert_true(display_gone_within(0));
}

static void test_environment_of_the_session(void **state)
{
	char command[256];
	struct agent_record record;

	(void)state;
	begin(800, 600,
		"test -n \"$DISPLAY\" && test -r \"$XAUTHORITY\" && xdpyinfo >/dev/null && sleep 1000");
	/* Would have ended at once otherwise. */
	assert_false(harness_wait(&h, RECORD_AGENT_FAILED, &record, 1000));
	snprintf(command, sizeof(command), "xauth -f %s/Xauthority list %s | grep -q MIT", h.dir,
		h.display);
	if (access("/usr/bin/xauth", X_OK) == 0)
		assert_int_equal(system(command), 0);
	harness_finish(&h);
}

static void test_nothing_is_left_after_the_end(void **state)
{
	(void)state;
	begin_with_daemon();
	pid_t daemon = pid_in("daemon");
	assert_true(alive(daemon));
	harness_stop_agent(&h); /* has ended it before it ended itself */
	assert_false(alive(daemon));
	assert_true(display_gone_within(0));
	harness_finish(&h);
}

static void test_nothing_is_left_after_a_kill(void **state)
{
	(void)state;
	begin_with_daemon();
	pid_t daemon = pid_in("daemon");
	harness_kill_agent(&h);
	assert_true(gone_within(daemon, HARNESS_TIMEOUT_MS));
	assert_true(display_gone_within(HARNESS_TIMEOUT_MS));
	harness_finish(&h);
}

static void test_dead_x_server_ends_the_agent(void **state)
{
	char command[128];
	struct agent_record record;

	(void)state;
	begin(800, 600, "sleep 1000");
	snprintf(command, sizeof(command), "kill -9 $(pgrep -P %d 'Xorg|Xvfb')", (int)h.agent);
	assert_int_equal(system(command), 0);
	assert_true(harness_wait(&h, RECORD_AGENT_FAILED, &record, HARNESS_TIMEOUT_MS));
	harness_stop_agent(&h);
	assert_true(display_gone_within(0));
	harness_finish(&h);
}

static void test_wrong_display(void **state)
{
	struct agent_record record = { .type = RECORD_AGENT_CONFIG };

	(void)state;
	h = (struct harness){ .supervisor.fd = -1 };
	harness_start_agent(&h);
	snprintf(record.agent_config.display, sizeof(record.agent_config.display), ":7777");
	assert_int_equal(agent_record_send(&h.supervisor, &record, -1), 0);
	assert_true(harness_wait(&h, RECORD_AGENT_FAILED, &record, HARNESS_TIMEOUT_MS));
	assert_non_null(strstr(record.agent_failed.reason, ":7777"));
	harness_finish(&h);
}

static const char *server_wanted(void)
{
	const char *wanted = getenv("FARSEAT_X_SERVER");

	return wanted ? wanted : "";
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_size_and_access),
		cmocka_unit_test(test_resize),
		cmocka_unit_test(test_starts_with_the_viewers_dpi),
		cmocka_unit_test(test_starts_without_dpi),
		cmocka_unit_test(test_session_end_ends_all),
		cmocka_unit_test(test_environment_of_the_session),
		cmocka_unit_test(test_nothing_is_left_after_the_end),
		cmocka_unit_test(test_nothing_is_left_after_a_kill),
		cmocka_unit_test(test_dead_x_server_ends_the_agent),
		cmocka_unit_test(test_wrong_display),
	};

	if (!harness_possible()) {
		fprintf(stderr, "Xvfb is not installed\n");
		return 77;
	}
	if (strcmp(server_wanted(), "Xorg") == 0 && access("/usr/lib/xorg/Xorg", X_OK) < 0) {
		fprintf(stderr, "Xorg is not installed\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
