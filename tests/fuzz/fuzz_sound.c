/* The packets of a stream, as farseat-link decodes them: u8 length, packet, again and again; length 0: one
 * that was lost. */
#include "common/sound/codec.h"
#include "common/sound/ring.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int16_t samples[SOUND_PACKET_MAX_FRAMES * SOUND_CHANNELS];
	struct sound_decoder *d;

	if (sound_decoder_create(&d) < 0)
		return 0;
	for (size_t at = 0; at < size;) {
		size_t len = data[at++];
		if (len > size - at)
			len = size - at;
		if (sound_decoder_decode(d, len ? data + at : NULL, len, 480, samples) < 0)
			break; /* the link ends here */
		at += len;
	}
	sound_decoder_destroy(d);
	return 0;
}
