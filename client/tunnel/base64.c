#include "client/tunnel/base64.h"

bool base64_encode(const uint8_t *bytes, size_t len, bool padded, char *out, size_t size)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;

	if (len > size || BASE64_TEXT_BYTES(len) > size)
		return false;
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t group = (uint32_t)bytes[i] << 16;
		if (left > 1)
			group |= (uint32_t)bytes[i + 1] << 8;
		if (left > 2)
			group |= bytes[i + 2];
		for (size_t d = 0; d < 4; d++) {
			if (d <= left)
				out[n++] = digits[group >> (18 - 6 * d) & 63];
			else if (padded)
				out[n++] = '=';
		}
	}
	out[n] = '\0';
	return true;
}
