/* `farseat screenshot|click|wait`: look at a session and act in it without a window. */
#include "client/app/automation.h"
#include "client/app/commands.h"
#include "client/app/png_file.h"
#include "common/base/clock.h"
#include "common/base/serial.h"
#include "common/cli/complaint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Without a picture nothing answers: time for the input to arrive. */
#define BLIND_MS 400
/* A workstation that has not applied any more input for so long hangs. The longest message takes
 * about two seconds, where each of its characters needs a keycode of its own. */
#define ANSWER_MS 10000
/* --still: nothing changed for so long; longer than a caret's blinking would never end. */
#define STILL_MS 500

long command_timeout_ms(const struct options *o, long otherwise_ms)
{
	const char *text = options_value(o, "timeout");
	char *end;

	if (!text)
		return otherwise_ms;
	double seconds = strtod(text, &end);
	if (*end || end == text || !(seconds > 0 && seconds <= 86400)) {
		options_wrong(o, "--timeout must be seconds, not '%s'", text);
		return -1;
	}
	return (long)(seconds * 1000);
}

int automation_open(struct headless *h, const struct options *o)
{
	struct connection_options options = { 0 };
	struct way way;
	long timeout_ms = command_timeout_ms(o, HEADLESS_TIMEOUT_MS);
	int given = command_way(o, &way);

	memset(h, 0, sizeof(*h));
	options.way = given > 0 ? &way : NULL;
	if (timeout_ms < 0 || given < 0)
		return EXIT_USAGE;
	int status = headless_open(h, o->arguments[0], &options, NULL, NULL, (uint32_t)timeout_ms);
	return status ? status : headless_wait(h, NULL, "connecting");
}

int automation_may_act(const struct headless *h)
{
	if (connection_caps(h->connection) & WIRE_CAP_INPUT)
		return EXIT_OK;
	complaint_say("farseat",
		"%s: this laptop may only watch. The administrator can change that with 'farseatctl role'.",
		h->workstation.name);
	return EXIT_REFUSED;
}

/* Whether a file of this name would hold what its ending says, which is PNG or nothing. */
static bool is_png_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(slash ? slash + 1 : path, '.');

	return !dot || strcasecmp(dot, ".png") == 0;
}

int command_screenshot(const struct options *o, void *user)
{
	struct headless h;

	(void)user;
	if (!is_png_name(o->arguments[1]))
		return options_wrong(
			o, "it writes PNG only: '%s' must end in .png", o->arguments[1]);
	if (options_flag(o, "json") && strcmp(o->arguments[1], "-") == 0)
		return options_wrong(
			o, "--json and '-' exclude each other: both write to standard output");
	int status = automation_open(&h, o);
	if (status == EXIT_OK)
		status = headless_wait(&h, headless_is_settled,
			"an exact picture (the screen may be changing all the time)");
	if (status == EXIT_OK) {
		const struct connection_picture *p = connection_picture(h.connection);
		int r = png_file_write(
			o->arguments[1], p->pixels, p->stride_bytes, p->width_px, p->height_px);
		if (r < 0) {
			status = complaint_say("farseat screenshot", "%s could not be written: %s.",
				o->arguments[1], strerror(-r));
		}
	}
	headless_close(&h);
	return status;
}

int automation_wait_for_answer(struct headless *h, uint32_t serial)
{
	uint32_t reached = h->input_serial;
	uint64_t since = clock_now_ms();
	int status = EXIT_OK;

	if (!(connection_caps(h->connection) & WIRE_CAP_SEE))
		return headless_run_ms(h, BLIND_MS);
	while (status == EXIT_OK && !serial_reached(h->input_serial, serial)) {
		if (h->input_serial != reached) {
			reached = h->input_serial;
			since = clock_now_ms();
		}
		if (clock_now_ms() - since >= ANSWER_MS) {
			return complaint_say("farseat",
				"%s: the session does not take the input: something there hangs.",
				h->workstation.name);
		}
		status = headless_run_ms(h, 5);
	}
	return status;
}

static int parse_number(const char *text, long min, long max, long *out)
{
	char *end;

	errno = 0;
	*out = strtol(text, &end, 10);
	return errno || *end || end == text || *out < min || *out > max ? -EINVAL : 0;
}

static int send_button(struct headless *h, uint8_t button, bool down)
{
	struct wire_message m = { .type = WIRE_BUTTON };

	m.button.serial = connection_next_serial(h->connection);
	m.button.button = button;
	m.button.down = down;
	return connection_send(h->connection, &m)
		       ? EXIT_OK
		       : headless_complain(h->connection, h->workstation.name);
}

static int send_pointer(struct headless *h, long x, long y)
{
	struct wire_message m = { .type = WIRE_POINTER };

	m.pointer.serial = connection_next_serial(h->connection);
	m.pointer.x_px = (uint16_t)x;
	m.pointer.y_px = (uint16_t)y;
	return connection_send(h->connection, &m)
		       ? EXIT_OK
		       : headless_complain(h->connection, h->workstation.name);
}

static bool has_screen(struct headless *h)
{
	return connection_picture(h->connection)->width_px > 0;
}

static int must_be_inside(struct headless *h, long x, long y)
{
	const struct connection_picture *p = connection_picture(h->connection);
	int status = headless_wait(h, has_screen, "the size of the screen");

	if (status != EXIT_OK || (x < p->width_px && y < p->height_px))
		return status;
	return complaint_say("farseat click",
		"%ld %ld is outside of the session: it has %dx%d pixels.", x, y, (int)p->width_px,
		(int)p->height_px);
}

int command_click(const struct options *o, void *user)
{
	long x, y, button = 1;
	struct headless h;

	(void)user;
	if (parse_number(o->arguments[1], 0, WIRE_SIDE_MAX_PX - 1, &x) < 0 ||
		parse_number(o->arguments[2], 0, WIRE_SIDE_MAX_PX - 1, &y) < 0)
		return options_wrong(o, "X and Y must be pixels of the session");
	if (o->argument_count > 3 &&
		(parse_number(o->arguments[3], 1, 9, &button) < 0 || (button > 3 && button < 8)))
		return options_wrong(
			o, "BUTTON must be 1 left, 2 middle, 3 right, 8 back or 9 forward");
	int status = automation_open(&h, o);
	if (status == EXIT_OK)
		status = automation_may_act(&h);
	if (status == EXIT_OK)
		status = must_be_inside(&h, x, y);
	if (status == EXIT_OK)
		status = send_pointer(&h, x, y);
	if (status == EXIT_OK)
		status = send_button(&h, (uint8_t)button, true);
	if (status == EXIT_OK)
		status = send_button(&h, (uint8_t)button, false);
	if (status == EXIT_OK)
		status = automation_wait_for_answer(&h, connection_next_serial(h.connection) - 1);
	headless_close(&h);
	return status;
}

static bool is_still(struct headless *h)
{
	uint64_t now = clock_now_ms();

	if (h->updated_ms == 0)
		h->updated_ms = now;
	if (now - h->updated_ms < STILL_MS) {
		h->matches = false;
		return false;
	}
	return headless_is_settled(h);
}

static bool has_changed(struct headless *h)
{
	return h->updates > h->updates_asked; /* counted when the picture was settled first */
}

/* What "changed" is measured against: the first whole picture. On a screen that never rests, what
 * is there after a second. */
static int first_picture(struct headless *h)
{
	uint64_t until = clock_now_ms() + 1000;
	int status = EXIT_OK;

	h->matches = false;
	while (status == EXIT_OK && !headless_is_settled(h) && clock_now_ms() < until)
		status = headless_run_ms(h, 10);
	h->updates_asked = h->updates;
	return status;
}

int command_wait(const struct options *o, void *user)
{
	struct headless h;
	bool still = options_flag(o, "still");

	(void)user;
	if (still == options_flag(o, "changed"))
		return options_wrong(o, "say what to wait for: --still or --changed");
	int status = automation_open(&h, o);
	if (status == EXIT_OK && still)
		status = headless_wait(&h, is_still, "the picture does not come to rest");
	else if (status == EXIT_OK)
		status = first_picture(&h);
	if (status == EXIT_OK && !still)
		status = headless_wait(&h, has_changed, "the picture does not change");
	headless_close(&h);
	return status;
}
