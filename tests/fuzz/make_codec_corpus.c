/* Writes seeds for fuzz_codec_slices: real slices of each kind. make_codec_corpus DIRECTORY */
#include "desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int keep(void *user, const uint8_t *bytes, size_t len)
{
	FILE *f = user;

	if (len > UINT16_MAX)
		return -1;
	fputc((int)(len >> 8), f);
	fputc((int)(len & 255), f);
	fwrite(bytes, 1, len, f);
	return 0;
}

struct session {
	FILE *file;
	struct codec_encoder *encoder;
	struct desk desk;
};

static void begin(struct session *s, const char *folder, const char *name)
{
	struct codec_params params = { 200, 150, codec_features(), 3 };
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	s->file = fopen(path, "wb");
	if (!s->file || codec_encoder_create(&s->encoder, &params) < 0)
		exit(1);
	fputc(0, s->file);
	desk_init(&s->desk, params.width_px, params.height_px, 5);
}

static void encode(struct session *s)
{
	struct codec_budget budget = { 0 };

	codec_encoder_update(s->encoder, s->desk.pixels, s->desk.stride_bytes, s->desk.damage,
		s->desk.damage_count);
	if (codec_encoder_encode(s->encoder, &budget, keep, s->file) < 0)
		exit(1);
}

static void end(struct session *s)
{
	fclose(s->file);
	codec_encoder_destroy(s->encoder);
	desk_finish(&s->desk);
}

/* A session in which these events happen, in a file by their name. */
static void write_events(
	const char *folder, const char *name, const enum desk_event *events, size_t count)
{
	struct session s;

	begin(&s, folder, name);
	for (size_t i = 0; i < count; i++) {
		desk_happen(&s.desk, events[i]);
		encode(&s);
	}
	end(&s);
}

/* Film, until it is known as such, and a rest. */
static void write_film(const char *folder, const char *name)
{
	struct session s;

	begin(&s, folder, name);
	for (unsigned frame = 0; frame < 12; frame++) {
		for (uint32_t y = 10; y < 130; y++)
			for (uint32_t x = 20; x < 180; x++) {
				uint8_t *pixel =
					s.desk.pixels + y * s.desk.stride_bytes + (size_t)x * 4;
				pixel[0] = (uint8_t)(x + frame);
				pixel[1] = (uint8_t)(x + y + 2 * frame);
				pixel[2] = (uint8_t)(y + 3 * frame);
			}
		s.desk.damage[0] = (struct codec_rect){ 20, 10, 160, 120 };
		s.desk.damage_count = 1;
		encode(&s);
	}
	usleep(150000);
	s.desk.damage_count = 0;
	encode(&s);
	end(&s);
}

int main(int argc, char **argv)
{
	static const enum desk_event plain[] = { DESK_RECTANGLES, DESK_PIXEL, DESK_RECTANGLES };
	static const enum desk_event text[] = { DESK_TEXT, DESK_TEXT, DESK_PIXEL };
	static const enum desk_event photo[] = { DESK_SWAP };
	static const enum desk_event scroll[] = { DESK_TEXT, DESK_TEXT, DESK_SCROLL, DESK_SCROLL };
	static const enum desk_event pane[] = { DESK_SWAP, DESK_PIXEL, DESK_PIXEL, DESK_PIXEL,
		DESK_PIXEL, DESK_PIXEL, DESK_PIXEL, DESK_PIXEL, DESK_PIXEL, DESK_PIXEL, DESK_PANE,
		DESK_PANE, DESK_PANE };
	static const enum desk_event cache[] = { DESK_SWAP, DESK_TEXT, DESK_SWAP };

	if (argc != 2)
		return 2;
	write_events(argv[1], "plain", plain, ARRAY_LEN(plain));
	write_events(argv[1], "text", text, ARRAY_LEN(text));
	write_events(argv[1], "photo", photo, ARRAY_LEN(photo));
	write_events(argv[1], "scroll", scroll, ARRAY_LEN(scroll));
	write_events(argv[1], "cache", cache, ARRAY_LEN(cache));
	write_events(argv[1], "pane", pane, ARRAY_LEN(pane));
	write_film(argv[1], "film");
	return 0;
}
