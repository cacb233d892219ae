/*
 * Records sessions for slices.py: FOLDER/NAME.slices (u16 width, u16 height, then slices, each
 * after its length in four bytes, big-endian) and FOLDER/NAME.raw, the picture that our decoder
 * made of them. Without film, whose decoder is a library.
 */
#include "desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_EACH 24

/* All but the first rows move up by so many. */
#define MOVE      DESK_EVENTS
#define MOVE_ROWS 37

struct session {
	FILE *slices;
	struct codec_decoder *decoder;
};

static void put_number(FILE *f, size_t number, int bytes)
{
	while (bytes-- > 0)
		fputc((int)(number >> (8 * bytes) & 255), f);
}

static int keep(void *user, const uint8_t *bytes, size_t len)
{
	struct session *s = user;
	struct codec_changed changed;

	put_number(s->slices, len, 4);
	if (fwrite(bytes, 1, len, s->slices) != len)
		return -1;
	return codec_decoder_decode(s->decoder, bytes, len, &changed);
}

static FILE *open_file(const char *folder, const char *name, const char *ending)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s.%s", folder, name, ending);
	FILE *f = fopen(path, "wb");
	if (!f) {
		perror(path);
		exit(1);
	}
	return f;
}

static void happen(struct desk *d, enum desk_event event)
{
	if (event != MOVE) {
		desk_happen(d, event);
		return;
	}
	memmove(d->pixels, d->pixels + MOVE_ROWS * d->stride_bytes,
		(d->height_px - MOVE_ROWS) * d->stride_bytes);
	d->damage[0] = (struct codec_rect){ 0, 0, (uint16_t)d->width_px, (uint16_t)d->height_px };
	d->damage_count = 1;
}

static void record(const char *folder, const char *name, uint16_t width_px, uint16_t height_px,
	const enum desk_event *events, size_t count)
{
	struct codec_params params = { width_px, height_px,
		codec_features() & ~(uint32_t)CODEC_FEATURE_VIDEO, 5 };
	struct codec_budget budget = { 0 };
	struct codec_encoder *encoder;
	struct session s = { .slices = open_file(folder, name, "slices") };
	struct desk desk;

	if (codec_encoder_create(&encoder, &params) < 0 ||
		codec_decoder_create(&s.decoder, &params) < 0)
		exit(1);
	put_number(s.slices, width_px, 2);
	put_number(s.slices, height_px, 2);
	desk_init(&desk, width_px, height_px, width_px);
	for (size_t i = 0; i < EVENTS_EACH; i++) {
		happen(&desk, events[i % count]);
		codec_encoder_update(
			encoder, desk.pixels, desk.stride_bytes, desk.damage, desk.damage_count);
		if (codec_encoder_encode(encoder, &budget, keep, &s) < 0)
			exit(1);
	}
	FILE *raw = open_file(folder, name, "raw");
	fwrite(codec_decoder_pixels(s.decoder), 4, (size_t)width_px * height_px, raw);
	fclose(raw);
	fclose(s.slices);
	codec_encoder_destroy(encoder);
	codec_decoder_destroy(s.decoder);
	desk_finish(&desk);
}

int main(int argc, char **argv)
{
	static const enum desk_event text[] = { DESK_TEXT, DESK_PIXEL, DESK_RECTANGLES };
	static const enum desk_event scroll[] = { DESK_SWAP, DESK_TEXT, DESK_TEXT, DESK_TEXT,
		MOVE };
	static const enum desk_event photo[] = { DESK_PHOTO, DESK_PIXEL, DESK_NOTHING };
	static const enum desk_event pane[] = { DESK_SWAP, DESK_PIXEL, DESK_PIXEL, DESK_PIXEL,
		DESK_PIXEL, DESK_PIXEL, DESK_PIXEL, DESK_PIXEL, DESK_PIXEL, DESK_PIXEL, DESK_PIXEL,
		DESK_PANE, DESK_PANE, DESK_PANE, DESK_PANE };
	static const enum desk_event swap[] = { DESK_SWAP, DESK_TEXT, DESK_SWAP };

	if (argc != 2)
		return 2;
	record(argv[1], "text", 200, 150, text, ARRAY_LEN(text));
	record(argv[1], "scroll", 500, 301, scroll, ARRAY_LEN(scroll));
	record(argv[1], "photo", 257, 130, photo, ARRAY_LEN(photo));
	record(argv[1], "pane", 320, 140, pane, ARRAY_LEN(pane));
	record(argv[1], "swap", 192, 128, swap, ARRAY_LEN(swap));
	return 0;
}
