/* Writes seeds for fuzz_codec_slices: real slices of each kind. make_codec_corpus DIRECTORY */
#include "desk.h"

#include <stdio.h>
#include <stdlib.h>

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

/* A session in which these events happen, in a file by their name. */
static void write_seed(
	const char *folder, const char *name, const enum desk_event *events, size_t count)
{
	struct codec_params params = { 200, 150, codec_features(), 3 };
	struct codec_budget budget = { 0 };
	struct codec_encoder *encoder;
	struct desk desk;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "wb");
	if (!f || codec_encoder_create(&encoder, &params) < 0)
		exit(1);
	fputc(0, f);
	desk_init(&desk, params.width_px, params.height_px, count);
	for (size_t i = 0; i < count; i++) {
		desk_happen(&desk, events[i]);
		codec_encoder_update(
			encoder, desk.pixels, desk.stride_bytes, desk.damage, desk.damage_count);
		if (codec_encoder_encode(encoder, &budget, keep, f) < 0)
			exit(1);
	}
	fclose(f);
	codec_encoder_destroy(encoder);
	desk_finish(&desk);
}

int main(int argc, char **argv)
{
	static const enum desk_event plain[] = { DESK_RECTANGLES, DESK_PIXEL, DESK_RECTANGLES };
	static const enum desk_event text[] = { DESK_TEXT, DESK_TEXT, DESK_PIXEL };
	static const enum desk_event photo[] = { DESK_SWAP };
	static const enum desk_event scroll[] = { DESK_TEXT, DESK_TEXT, DESK_SCROLL, DESK_SCROLL };
	static const enum desk_event cache[] = { DESK_SWAP, DESK_TEXT, DESK_SWAP };
	DESK_SWAP
};

if (argc != 2)
	return 2;
write_seed(argv[1], "plain", plain, ARRAY_LEN(plain));
write_seed(argv[1], "text", text, ARRAY_LEN(text));
write_seed(argv[1], "photo", photo, ARRAY_LEN(photo));
write_seed(argv[1], "scroll", scroll, ARRAY_LEN(scroll));
write_seed(argv[1], "cache", cache, ARRAY_LEN(cache));
return 0;
}
