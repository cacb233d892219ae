#include "server/agent/x11/xauth.h"

#include "common/base/file.h"
#include "common/wire/writer.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Xauth.h of libXau; the file is big-endian: u16 family, then address, number, name and data, each
 * behind a u16 length. */
#define FAMILY_LOCAL   256
#define FAMILY_WILD    65535
#define PROTOCOL       "MIT-MAGIC-COOKIE-1"
#define FILE_MAX_BYTES 1024

int xauth_make_cookie(uint8_t cookie[static XAUTH_COOKIE_BYTES])
{
	return getrandom(cookie, XAUTH_COOKIE_BYTES, 0) == XAUTH_COOKIE_BYTES ? 0 : -EIO;
}

static void write_entry(struct wire_writer *w, uint16_t family, const char *address,
	const char *number, const uint8_t *cookie)
{
	wire_write_u16(w, family);
	wire_write_blob(w, address, strlen(address));
	wire_write_blob(w, number, strlen(number));
	wire_write_blob(w, PROTOCOL, strlen(PROTOCOL));
	wire_write_blob(w, cookie, XAUTH_COOKIE_BYTES);
}

int xauth_write(
	const char *path, const char *number, const uint8_t cookie[static XAUTH_COOKIE_BYTES])
{
	uint8_t bytes[FILE_MAX_BYTES];
	char host[HOST_NAME_MAX + 1] = "";
	struct wire_writer w;

	wire_writer_init(&w, bytes, sizeof(bytes));
	if (number[0] && gethostname(host, sizeof(host) - 1) == 0)
		write_entry(&w, FAMILY_LOCAL, host, number, cookie);
	write_entry(&w, FAMILY_WILD, "", number, cookie);
	int r = wire_writer_ok(&w) ? file_replace(path, bytes, w.len, 0600) : -E2BIG;
	secure_wipe(bytes, sizeof(bytes));
	return r;
}
