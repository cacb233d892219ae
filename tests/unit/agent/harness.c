#include "tests/unit/agent/harness.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/paths.h"
#include "common/base/process_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

NORETURN static void die(const char *what)
{
	fprintf(stderr, "harness: %s (%s)\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static void must(bool good, const char *what)
{
	if (!good)
		die(what);
}

void harness_sleep(int ms)
{
	nanosleep(&(struct timespec){ ms / 1000, (ms % 1000) * 1000000L }, NULL);
}

bool harness_possible(void)
{
	return access("/usr/bin/Xvfb", X_OK) == 0;
}

/* --- X server --- */

void harness_start_xvfb(struct harness *h)
{
	harness_start_xvfb_sized(h, "1920x1080x24");
}

void harness_start_xvfb_sized(struct harness *h, const char *screen)
{
	int ready[2];
	char number[8] = "";
	const char *const argv[] = { "Xvfb", "-displayfd", "3", "-screen", "0", screen, "-nolisten",
		"tcp", "-noreset", NULL };

	*h = (struct harness){ .supervisor.fd = -1 };
	must(pipe2(ready, O_CLOEXEC) == 0, "pipe");
	const struct process_spec spec = { .path = "/usr/bin/Xvfb",
		.argv = argv,
		.fds = &ready[1],
		.fd_count = 1,
		.die_with_parent = true,
		.death_signal = SIGTERM };
	must(process_start_pid(&spec, &h->xvfb) == 0, "Xvfb");
	close(ready[1]);
	for (size_t len = 0; len == 0 || number[len - 1] != '\n';) {
		ssize_t n = read(ready[0], number + len, sizeof(number) - 1 - len);
		must(n > 0, "Xvfb did not start");
		len += (size_t)n;
	}
	close(ready[0]);
	snprintf(h->display, sizeof(h->display), ":%ld", strtol(number, NULL, 10));
	unsetenv("XAUTHORITY");
	harness_connect(h);
}

void harness_connect(struct harness *h)
{
	h->x = xcb_connect(h->display, NULL);
	must(!xcb_connection_has_error(h->x), "connection to the X server");
	h->screen = xcb_setup_roots_iterator(xcb_get_setup(h->x)).data;
}

/* --- agent --- */

void harness_start_agent(struct harness *h)
{
	char path[PATH_MAX];
	int fds[2];
	const char *const argv[] = { "farseat-agent", h->session ? h->session : "", NULL };

	if (!h->dir[0]) {
		snprintf(h->dir, sizeof(h->dir), "/tmp/farseat-agent-test-XXXXXX");
		must(mkdtemp(h->dir), "folder");
	}
	must(path_of_program("farseat-agent", path) == 0, "farseat-agent is not built");
	must(ipc_pair(fds) == 0, "pair");
	const struct process_spec spec = {
		.path = path, .argv = argv, .fds = &fds[1], .fd_count = 1, .die_with_parent = true
	};
	must(process_start_pid(&spec, &h->agent) == 0, "agent");
	close(fds[1]);
	must(ipc_channel_init(&h->supervisor, fds[0]) == 0, "channel");
}

static void configure(struct harness *h, struct agent_record *record)
{
	snprintf(record->agent_config.runtime_dir, sizeof(record->agent_config.runtime_dir), "%s",
		h->dir);
	must(agent_record_send(&h->supervisor, record, -1) == 0, "AGENT_CONFIG");
	must(harness_wait(h, RECORD_AGENT_READY, record, 20000), "AGENT_READY");
	h->ready = record->agent_ready;
}

void harness_configure(struct harness *h)
{
	struct agent_record record = { .type = RECORD_AGENT_CONFIG };

	snprintf(
		record.agent_config.display, sizeof(record.agent_config.display), "%s", h->display);
	configure(h, &record);
}

static void configure_virtual(
	struct harness *h, uint16_t width_px, uint16_t height_px, bool await_dpi)
{
	struct agent_record record = { .type = RECORD_AGENT_CONFIG };

	record.agent_config.virtual_session = true;
	record.agent_config.await_dpi = await_dpi;
	record.agent_config.width_px = width_px;
	record.agent_config.height_px = height_px;
	configure(h, &record);
	snprintf(h->display, sizeof(h->display), "%.15s", h->ready.display);
}

void harness_configure_virtual(struct harness *h, uint16_t width_px, uint16_t height_px)
{
	configure_virtual(h, width_px, height_px, false);
}

void harness_configure_awaiting(struct harness *h, uint16_t width_px, uint16_t height_px)
{
	configure_virtual(h, width_px, height_px, true);
}

bool harness_wait(
	struct harness *h, enum record_type type, struct agent_record *out, int timeout_ms)
{
	uint64_t end = clock_now_ms() + (uint64_t)timeout_ms;

	for (;;) {
		int fd = -1;
		int r = agent_record_receive(&h->supervisor, out, &fd);
		fd_close(&fd);
		if (r == 1 && out->type == RECORD_LOG)
			fprintf(stderr, "agent: %.*s\n", (int)out->log.line.len,
				(const char *)out->log.line.bytes);
		else if (r == 1 && out->type == type)
			return true;
		else if (r == 1)
			fprintf(stderr, "harness: unexpected %s\n",
				record_type_name((uint8_t)out->type));
		else if (r != -EAGAIN || clock_now_ms() >= end)
			return false;
		else if (ipc_wait(&h->supervisor, (int)(end - clock_now_ms())) < 0)
			return false;
	}
}

static void reap(pid_t *pid)
{
	if (*pid > 0)
		waitpid(*pid, NULL, 0);
	*pid = 0;
}

void harness_stop_agent(struct harness *h)
{
	ipc_channel_finish(&h->supervisor);
	reap(&h->agent);
}

void harness_kill_agent(struct harness *h)
{
	kill(h->agent, SIGKILL);
	ipc_channel_finish(&h->supervisor);
	reap(&h->agent);
}

void harness_finish(struct harness *h)
{
	char path[128];

	if (h->x) /* first: a grab of the server that a failed test left would keep the agent for ever */
		xcb_disconnect(h->x);
	harness_stop_agent(h);
	if (h->xvfb > 0)
		kill(h->xvfb, SIGTERM);
	reap(&h->xvfb);
	snprintf(path, sizeof(path), "%s/held%s", h->dir, h->display);
	unlink(path);
	rmdir(h->dir);
}

/* --- worker --- */

void peer_attach(struct harness *h, struct peer *p, uint32_t worker, uint32_t caps)
{
	struct agent_record record = { .type = RECORD_ATTACH };
	int fds[2];

	*p = (struct peer){ .memory.fd = -1, .cursor_memory.fd = -1 };
	must(ipc_pair(fds) == 0, "pair");
	must(ipc_channel_init(&p->channel, fds[0]) == 0, "channel");
	record.attach.worker = worker;
	record.attach.caps = caps;
	must(agent_record_send(&h->supervisor, &record, fds[1]) == 0, "ATTACH");
	close(fds[1]);
}

void peer_finish(struct peer *p)
{
	ipc_channel_finish(&p->channel);
	ipc_memory_finish(&p->memory);
	ipc_memory_finish(&p->cursor_memory);
}

void peer_send(struct peer *p, enum record_type type)
{
	struct view_record record = { .type = type };

	if (view_record_send(&p->channel, &record, -1) < 0)
		p->closed = true;
}

void peer_send_wire(struct peer *p, const struct wire_message *m)
{
	if (record_send_wire(&p->channel, m) < 0)
		p->closed = true;
}

void peer_key(struct peer *p, uint16_t evdev, uint32_t keysym, bool down)
{
	struct wire_message m = { .type = WIRE_KEY };

	m.key.evdev = evdev;
	m.key.keysym = keysym;
	m.key.down = down;
	peer_send_wire(p, &m);
}

void peer_text(struct peer *p, const char *text)
{
	struct wire_message m = { .type = WIRE_TEXT };

	m.text.utf8 = (const uint8_t *)text;
	m.text.len = strlen(text);
	peer_send_wire(p, &m);
}

static void take_framebuffer(struct peer *p, const struct view_record *record, int fd)
{
	ipc_memory_finish(&p->memory);
	p->framebuffer = record->framebuffer;
	size_t size = (size_t)p->framebuffer.width_px * p->framebuffer.height_px * 4;
	must(ipc_memory_map(&p->memory, fd, size, false) == 0, "framebuffer's memory");
	p->framebuffers++;
}

static void take_cursor(struct peer *p, const struct view_record *record, int fd)
{
	size_t size = (size_t)record->cursor.width_px * record->cursor.height_px * 4;

	ipc_memory_finish(&p->cursor_memory);
	p->cursor_memory.fd = -1;
	p->cursor = record->cursor;
	if (size)
		must(ipc_memory_map(&p->cursor_memory, fd, size, false) == 0, "cursor's memory");
	p->cursors++;
}

static void take_wire(struct peer *p, const struct view_record *record)
{
	struct wire_message m;

	must(record_wire_message(&record->wire, &m) == 0, "message");
	if (m.type == WIRE_CURSOR_MOVE) {
		p->place = m.cursor_move;
		p->places++;
	} else if (m.type == WIRE_LEDS) {
		p->leds = m.leds.leds;
		p->leds_told++;
	} else if (p->heard) {
		p->heard(p, &m);
	}
}

static void take(struct peer *p, const struct view_record *record, int fd)
{
	switch ((int)record->type) {
	case RECORD_FRAMEBUFFER:
		take_framebuffer(p, record, fd);
		return;
	case RECORD_CURSOR:
		take_cursor(p, record, fd);
		return;
	case RECORD_FRAME_READY:
		p->frame = record->frame_ready;
		p->frames++;
		break;
	case RECORD_LOOKED:
		p->looks++;
		break;
	case RECORD_WIRE:
		take_wire(p, record);
		break;
	default:
		die("unexpected record");
	}
	fd_close(&fd);
}

bool peer_wait(struct peer *p, const unsigned *counter, int timeout_ms)
{
	uint64_t end = clock_now_ms() + (uint64_t)timeout_ms;
	unsigned before = counter ? *counter : 0;
	struct view_record record;

	for (;;) {
		int fd = -1;
		int r = view_record_receive(&p->channel, &record, &fd);
		if (r == 1)
			take(p, &record, fd);
		else if (r != -EAGAIN)
			p->closed = true;
		if (counter && *counter != before)
			return true;
		uint64_t now = clock_now_ms();
		if (p->closed || now > end ||
			(r != 1 && ipc_wait(&p->channel, (int)(end - now)) < 0))
			return false;
	}
}

bool peer_frame(struct peer *p, int timeout_ms)
{
	peer_send(p, RECORD_FRAME_REQUEST);
	if (!peer_wait(p, &p->frames, timeout_ms))
		return false;
	peer_send(p, RECORD_FRAME_TAKEN);
	return true;
}

bool peer_is_exact(struct harness *h, struct peer *p)
{
	uint16_t width = p->framebuffer.width_px, height = p->framebuffer.height_px;
	xcb_get_image_reply_t *image = xcb_get_image_reply(h->x,
		xcb_get_image(
			h->x, XCB_IMAGE_FORMAT_Z_PIXMAP, h->screen->root, 0, 0, width, height, ~0U),
		NULL);
	if (!image)
		return false;

	const uint8_t *shown = xcb_get_image_data(image);
	bool same = true;
	for (size_t i = 0; same && i < (size_t)width * height * 4; i++)
		same = i % 4 == 3 ||
		       shown[i] == p->memory.bytes[i]; /* the fourth byte is undefined */
	free(image);
	return same;
}
