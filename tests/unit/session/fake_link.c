/*
 * Stands in for farseat-link in tests of the UI: no network, no TLS. It opens a session at once,
 * draws patterns into the UI's memory, answers every input with a changed block, and says on stderr
 * what it got. FAKE_LINK: "" a session; "refuse"; "goodbye" (ends by the administrator after the
 * first input); "logout" (the session ends at the first input); "die" (at the first input); "mute" (never opens); "wild" (an update outside the
 * picture); "version" (only opens without a session to resume); "blank" (a black screen that never
 * changes); "small" (640 x 480).
 */
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/crypto/errors.h"
#include "common/ipc/memory.h"
#include "common/ipc/records_link.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fake {
	struct ipc_channel channel;
	const char *mode;
	struct ipc_memory pixels;
	int width, height;
	bool presenting, exact;
	uint32_t frame, serial;
	unsigned presses;
	uint64_t stats_at_ms;
	struct link_record in, out;
};

static void send_record(struct fake *f, enum record_type type, int fd)
{
	f->out.type = type;
	if (link_record_send(&f->channel, &f->out, fd) < 0)
		exit(1);
	memset(&f->out, 0, sizeof(f->out));
}

static void send_wire(struct fake *f, const struct wire_message *m)
{
	if (record_send_wire(&f->channel, m) < 0)
		exit(1);
}

static void send_state(struct fake *f, enum record_link_phase phase)
{
	f->out.link_state.phase = (uint8_t)phase;
	snprintf(f->out.link_state.version, sizeof(f->out.link_state.version), "%s", "TLSv1.2");
	snprintf(f->out.link_state.suite, sizeof(f->out.link_state.suite), "%s", "FAKE");
	send_record(f, RECORD_LINK_STATE, -1);
}

static void put(struct fake *f, int x, int y, uint8_t b, uint8_t g, uint8_t r)
{
	uint8_t *p = f->pixels.bytes + ((size_t)y * (size_t)f->width + (size_t)x) * 4;

	p[0] = b;
	p[1] = g;
	p[2] = r;
	p[3] = 0;
}

/* Every pixel differs from its neighbours, so that a shift by one is seen. */
static void draw_pattern(struct fake *f)
{
	for (int y = 0; y < f->height; y++)
		for (int x = 0; x < f->width; x++)
			put(f, x, y, (uint8_t)(x * 7 + y), (uint8_t)(x / 8 ^ y / 8),
				(uint8_t)(y * 3 + x / 5));
}

static void send_update(struct fake *f, int x, int y, int width, int height)
{
	if (f->presenting)
		return;
	struct record_update *u = &f->out.update;
	u->generation = 1;
	u->frame = ++f->frame;
	u->input_serial = f->serial;
	u->exact = f->exact;
	u->rects[0] =
		(struct record_rect){ (uint16_t)x, (uint16_t)y, (uint16_t)width, (uint16_t)height };
	u->rect_count = 1;
	f->presenting = true;
	send_record(f, RECORD_UPDATE, -1);
}

static void answer_input(struct fake *f, uint32_t serial)
{
	uint8_t shade = ++f->presses % 2 ? 255 : 0;

	f->serial = serial;
	if (strcmp(f->mode, "die") == 0)
		raise(SIGKILL);
	if (strcmp(f->mode, "goodbye") == 0) {
		f->out.link_failed.code = WIRE_BYE_DISCONNECTED;
		snprintf(f->out.link_failed.reason, sizeof(f->out.link_failed.reason),
			"the administrator ended the session");
		send_record(f, RECORD_LINK_FAILED, -1);
		exit(0);
	}
	if (strcmp(f->mode, "logout") == 0) {
		f->out.link_failed.code = WIRE_BYE_SESSION_ENDED;
		f->out.link_failed.retry = true;
		send_record(f, RECORD_LINK_FAILED, -1);
		exit(0);
	}
	if (!f->pixels.bytes)
		return;
	for (int y = 100; y < 200; y++)
		for (int x = 100; x < 300; x++)
			put(f, x, y, shade, shade, 255);
	if (strcmp(f->mode, "wild") == 0)
		send_update(f, f->width - 10, 0, 20, 20);
	else
		send_update(f, 100, 100, 200, 100);
}

static void on_checksum(struct fake *f, uint32_t id)
{
	f->out.link_checksum.generation = 1;
	f->out.link_checksum.id = id;
	f->out.link_checksum.local = 1;
	f->out.link_checksum.remote = 1;
	f->out.link_checksum.settled = true;
	send_record(f, RECORD_LINK_CHECKSUM, -1);
}

static void on_message(struct fake *f, const struct wire_message *m)
{
	switch ((int)m->type) {
	case WIRE_KEY:
		fprintf(stderr, "fake: key %u 0x%x %s%s\n", m->key.evdev, m->key.keysym,
			m->key.down ? "down" : "up", m->key.physical ? " physical" : "");
		answer_input(f, m->key.serial);
		break;
	case WIRE_TEXT:
		fprintf(stderr, "fake: text '%.*s'\n", (int)m->text.len,
			(const char *)m->text.utf8);
		answer_input(f, m->text.serial);
		break;
	case WIRE_POINTER:
		fprintf(stderr, "fake: pointer %u,%u\n", m->pointer.x_px, m->pointer.y_px);
		f->serial = m->pointer.serial;
		break;
	case WIRE_BUTTON:
		fprintf(stderr, "fake: button %u %s\n", m->button.button,
			m->button.down ? "down" : "up");
		answer_input(f, m->button.serial);
		break;
	case WIRE_WHEEL:
		fprintf(stderr, "fake: wheel %d,%d\n", m->wheel.dx, m->wheel.dy);
		break;
	case WIRE_RELEASE_ALL:
		fprintf(stderr, "fake: release all\n");
		break;
	case WIRE_VIEW:
		fprintf(stderr, "fake: view %ux%u%s\n", m->view.width_px, m->view.height_px,
			m->view.paused ? " paused" : "");
		break;
	case WIRE_CHECKSUM_ASK:
		on_checksum(f, m->checksum_ask.id);
		break;
	case WIRE_GOODBYE:
		fprintf(stderr, "fake: goodbye\n");
		exit(0);
	default:
		fprintf(stderr, "fake: %s\n", wire_type_name((uint8_t)m->type));
		break;
	}
	fflush(stderr);
}

static void send_cursor(struct fake *f)
{
	struct ipc_memory memory;

	if (ipc_memory_create(&memory, "cursor", 16 * 16 * 4) < 0)
		exit(1);
	for (size_t i = 0; i < 16 * 16; i++)
		memcpy(memory.bytes + i * 4, i % 16 + i / 16 < 16 ? "\x40\x80\x40\x80" : "\0\0\0\0",
			4);
	f->out.cursor.width_px = 16;
	f->out.cursor.height_px = 16;
	send_record(f, RECORD_LINK_CURSOR, memory.fd);
	ipc_memory_finish(&memory);
}

static void open_session(struct fake *f)
{
	struct wire_message m = { .type = WIRE_WELCOME };

	m.welcome.session = 1;
	m.welcome.caps = getenv("FARSEAT_FAKE_VIEW") ? WIRE_CAPS_VIEW : WIRE_CAPS_CONTROL;
	snprintf(m.welcome.device, sizeof(m.welcome.device), "laptop");
	snprintf(m.welcome.workstation, sizeof(m.welcome.workstation), "office");
	snprintf(m.welcome.last_device, sizeof(m.welcome.last_device), "tablet");
	m.welcome.last_device_s = clock_wall_s() - 3600;
	send_wire(f, &m);
	send_state(f, RECORD_LINK_OPEN);
	memset(&m, 0, sizeof(m));
	m.type = WIRE_SCREEN;
	m.screen.generation = 1;
	m.screen.width_px = (uint16_t)f->width;
	m.screen.height_px = (uint16_t)f->height;
	send_wire(f, &m);
	send_cursor(f);
}

static void on_config(struct fake *f)
{
	send_state(f, RECORD_LINK_HANDSHAKE);
	if (f->in.link_config.steps) {
		snprintf(
			f->out.link_step.step, sizeof(f->out.link_step.step), "server certificate");
		f->out.link_step.at_us = 1200;
		send_record(f, RECORD_LINK_STEP, -1);
	}
	if (strcmp(f->mode, "mute") == 0)
		return;
	if (strcmp(f->mode, "refuse") == 0) {
		f->out.link_failed.fault = CRYPTO_REVOKED;
		snprintf(f->out.link_failed.reason, sizeof(f->out.link_failed.reason),
			"the workstation has revoked this laptop's certificate");
		send_record(f, RECORD_LINK_FAILED, -1);
		exit(0);
	}
	if (strcmp(f->mode, "version") == 0 && f->in.link_config.session.len > 0) {
		f->out.link_failed.fault = CRYPTO_WRONG_VERSION;
		snprintf(f->out.link_failed.reason, sizeof(f->out.link_failed.reason),
			"no common version of TLS");
		send_record(f, RECORD_LINK_FAILED, -1);
		exit(0);
	}
	open_session(f);
}

static void on_record(struct fake *f, int fd)
{
	struct wire_message m;

	switch ((int)f->in.type) {
	case RECORD_LINK_CONFIG:
		on_config(f);
		break;
	case RECORD_PIXELS:
		if (ipc_memory_map(&f->pixels, dup(fd),
			    (size_t)f->in.pixels.stride_bytes * (size_t)f->height, true) < 0)
			exit(1);
		f->presenting = false;
		f->exact = true;
		if (strcmp(f->mode, "blank") != 0) {
			draw_pattern(f);
			send_update(f, 0, 0, f->width, f->height);
		}
		break;
	case RECORD_PRESENTED:
		f->presenting = false;
		break;
	case RECORD_WIRE:
		if (record_wire_message(&f->in.wire, &m) < 0)
			exit(1);
		on_message(f, &m);
		break;
	default:
		exit(1);
	}
}

int main(void)
{
	static struct fake f = { .width = 1920, .height = 1080 };

	log_init("fake");
	f.mode = getenv("FARSEAT_FAKE_LINK") ? getenv("FARSEAT_FAKE_LINK") : "";
	if (strcmp(f.mode, "small") == 0) {
		f.width = 640;
		f.height = 480;
	}
	if (ipc_channel_init(&f.channel, 3) < 0)
		return 1;
	for (;;) {
		int fd = -1;
		int r = ipc_wait(&f.channel, 1000);
		if (r == -ETIMEDOUT) {
			f.out.link_stats.rtt_us = 1500;
			f.out.link_stats.bytes_in = 1000 * f.frame;
			send_record(&f, RECORD_LINK_STATS, -1);
			continue;
		}
		while ((r = link_record_receive(&f.channel, &f.in, &fd)) == 1) {
			on_record(&f, fd);
			if (fd >= 0)
				close(fd);
		}
		if (r != -EAGAIN)
			return 0;
	}
}
