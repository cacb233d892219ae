#include "common/peer/ders.h"

#include <assert.h>
#include <string.h>

static_assert(WIRE_CERT_MAX_BYTES <= CRYPTO_CERT_DER_MAX_BYTES, "what a record may carry fits");

void peer_ders(struct crypto_der *out, const struct record_blob *blobs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert(blobs[i].len <= sizeof(out[i].bytes));
		memcpy(out[i].bytes, blobs[i].bytes, blobs[i].len);
		out[i].len = blobs[i].len;
	}
}
