/*
 * What the agent costs in time, on an Xvfb of its own: from a key to the picture of what it drew,
 * and a capture by size. Prints figures; judges nothing. Run by hand:
 * FARSEAT_LIBEXEC=BUILD/server/agent bench_capture
 */
#include "tests/unit/agent/harness.h"

#include "common/base/clock.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xcb/damage.h>

#define RUNS 300

static struct harness h;

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void report(const char *what, uint64_t *ns, size_t count)
{
	qsort(ns, count, sizeof(*ns), compare);
	printf("%-44s p50 %7.3f ms  p95 %7.3f ms  min %7.3f ms\n", what,
		(double)ns[count / 2] / 1e6, (double)ns[count * 95 / 100] / 1e6,
		(double)ns[0] / 1e6);
}

static void fill(xcb_drawable_t on, xcb_gcontext_t gc, xcb_rectangle_t r, uint32_t colour)
{
	xcb_change_gc(h.x, gc, XCB_GC_FOREGROUND, &colour);
	xcb_poly_fill_rectangle(h.x, on, gc, 1, &r);
	xcb_flush(h.x);
}

static void wait_frame(struct peer *p)
{
	if (!peer_wait(p, &p->frames, HARNESS_TIMEOUT_MS)) {
		fprintf(stderr, "no frame came\n");
		exit(EXIT_FAILURE);
	}
	peer_send(p, RECORD_FRAME_TAKEN);
}

/* Until nothing more comes; a request stays open. */
static void come_to_rest(struct peer *p)
{
	do
		peer_send(p, RECORD_FRAME_REQUEST);
	while (peer_wait(p, &p->frames, 3) && (peer_send(p, RECORD_FRAME_TAKEN), true));
}

/* A program of its own that draws a block for each key: a process, as a real one. */
static pid_t start_program(struct peer *p)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;

	const uint32_t mask = XCB_EVENT_MASK_KEY_PRESS;
	ipc_channel_finish(&h.supervisor); /* the agent must see the parent's end of it close */
	ipc_channel_finish(&p->channel);
	harness_connect(&h);
	xcb_window_t window = xcb_generate_id(h.x);
	xcb_gcontext_t gc = xcb_generate_id(h.x);
	xcb_create_window(h.x, XCB_COPY_FROM_PARENT, window, h.screen->root, 100, 100, 400, 400, 0,
		XCB_WINDOW_CLASS_INPUT_OUTPUT, XCB_COPY_FROM_PARENT, XCB_CW_EVENT_MASK, &mask);
	xcb_create_gc(h.x, gc, window, 0, NULL);
	xcb_map_window(h.x, window);
	free(xcb_get_input_focus_reply(h.x, xcb_get_input_focus(h.x), NULL));
	xcb_set_input_focus(h.x, XCB_INPUT_FOCUS_POINTER_ROOT, window, XCB_CURRENT_TIME);
	xcb_flush(h.x);
	xcb_generic_event_t *e;
	for (uint32_t colour = 1; (e = xcb_wait_for_event(h.x)) != NULL; free(e))
		if ((e->response_type & 0x7f) == XCB_KEY_PRESS)
			fill(window, gc, (xcb_rectangle_t){ 0, 0, 200, 200 }, colour += 0x10305);
	_Exit(0);
}

static void bench_keys(struct peer *p)
{
	static uint64_t ns[RUNS];

	start_program(p);
	harness_sleep(500);
	for (int i = 0; i < RUNS; i++) {
		come_to_rest(p);
		uint64_t start = clock_now_ns();
		peer_key(p, 30, 'a', true);
		wait_frame(p);
		ns[i] = clock_now_ns() - start;
		peer_key(p, 30, 'a', false);
	}
	report("key -> a program draws 200x200 -> FRAME_READY", ns, RUNS);
}

/* From the drawing request to the picture. */
static void bench_area(struct peer *p, xcb_gcontext_t gc, uint16_t width, uint16_t height)
{
	static uint64_t ns[RUNS];
	char what[64];

	for (int i = 0; i < RUNS; i++) {
		come_to_rest(p);
		uint64_t start = clock_now_ns();
		fill(h.screen->root, gc, (xcb_rectangle_t){ 0, 0, width, height },
			(uint32_t)i * 0x10203);
		wait_frame(p);
		ns[i] = clock_now_ns() - start;
	}
	snprintf(what, sizeof(what), "draw %ux%u -> FRAME_READY", width, height);
	report(what, ns, RUNS);
}

/* What one more rectangle costs. */
static void bench_scattered(struct peer *p, xcb_gcontext_t gc)
{
	static uint64_t ns[RUNS];
	xcb_rectangle_t blocks[32];

	for (int i = 0; i < 32; i++)
		blocks[i] =
			(xcb_rectangle_t){ (int16_t)(i % 8 * 230), (int16_t)(i / 8 * 250), 8, 8 };
	for (int i = 0; i < RUNS; i++) {
		uint32_t colour = (uint32_t)i * 0x10203;
		come_to_rest(p);
		uint64_t start = clock_now_ns();
		xcb_change_gc(h.x, gc, XCB_GC_FOREGROUND, &colour);
		for (int b = 0; b < 32;
			b++) /* one request with all would be told as its bounding box */
			xcb_poly_fill_rectangle(h.x, h.screen->root, gc, 1, &blocks[b]);
		xcb_flush(h.x);
		wait_frame(p);
		ns[i] = clock_now_ns() - start;
	}
	report("draw 32 blocks of 8x8 -> FRAME_READY", ns, RUNS);
	if (p->frame.rect_count != 32)
		printf("  in %zu rectangles\n", p->frame.rect_count);
}

int main(void)
{
	struct peer p;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!harness_possible())
		return 77;
	harness_start_xvfb(&h);
	harness_start_agent(&h);
	harness_configure(&h);
	peer_attach(&h, &p, 1, WIRE_CAPS_CONTROL);
	peer_wait(&p, &p.framebuffers, HARNESS_TIMEOUT_MS);
	xcb_gcontext_t gc = xcb_generate_id(h.x);
	const uint32_t inferiors = XCB_SUBWINDOW_MODE_INCLUDE_INFERIORS;
	xcb_create_gc(h.x, gc, h.screen->root, XCB_GC_SUBWINDOW_MODE, &inferiors);
	static const struct {
		uint16_t width, height;
	} areas[] = { { 16, 16 }, { 200, 200 }, { 640, 360 }, { 400, 1080 }, { 800, 1080 },
		{ 1000, 1080 }, { 1300, 1080 }, { 1600, 1080 }, { 1920, 1080 } };
	for (size_t i = 0; i < ARRAY_LEN(areas); i++)
		bench_area(&p, gc, areas[i].width, areas[i].height);
	bench_scattered(&p, gc);
	bench_keys(&p);
	peer_finish(&p);
	harness_finish(&h);
	return 0;
}
