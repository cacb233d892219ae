#include "server/agent/x11/marker.h"

#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/wire/reader.h"
#include "common/wire/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Places in the file. */
#define AT_SERVER  0
#define AT_REPEAT  4
#define AT_GROUP   5 /* 0 none, else group + 1 */
#define AT_BUTTONS 6
#define AT_KEYS    8
#define AT_LENT    40 /* a keysym a keycode; 0 none */

static const size_t set_at[] = {
	[MARKER_KEYS] = AT_KEYS,
	[MARKER_BUTTONS] = AT_BUTTONS,
};

/* ":0.0" and "host:0" as parts of a file's name. */
static int file_name(char out[static PATH_MAX], const char *dir, const char *display)
{
	int n = snprintf(out, PATH_MAX, "%s/held%s", dir, display);

	if (n < 0 || n >= PATH_MAX)
		return -ENAMETOOLONG;
	for (char *c = out + strlen(dir) + 1; *c; c++)
		if (*c == '/')
			*c = '_';
	return 0;
}

static int map_file(struct marker *m, const char *dir, const char *display)
{
	int r = file_name(m->path, dir, display);
	if (r < 0)
		return r;

	int fd = open(m->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	void *bytes = MAP_FAILED;
	if (ftruncate(fd, MARKER_BYTES) == 0)
		bytes = mmap(NULL, MARKER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	r = bytes == MAP_FAILED ? -errno : 0;
	fd_close(&fd);
	if (r == 0) {
		m->bytes = bytes;
		m->mapped = true;
	}
	return r;
}

void marker_open(struct marker *m, const char *dir, const char *display)
{
	*m = (struct marker){ 0 };
	m->bytes = m->own;
	if (!dir[0])
		return;
	int r = map_file(m, dir, display);
	if (r < 0)
		log_warn("no file in %s for what is held (%s): after a crash keys may stay down",
			dir, strerror(-r));
}

void marker_close(struct marker *m)
{
	if (m->mapped)
		munmap(m->bytes, MARKER_BYTES);
	m->mapped = false;
	m->bytes = m->own;
}

void marker_remove(struct marker *m)
{
	if (m->mapped && unlink(m->path) < 0)
		log_debug("%s stays: %s", m->path, strerror(errno));
	marker_close(m);
}

uint32_t marker_server(const struct marker *m)
{
	struct wire_reader r;

	wire_reader_init(&r, m->bytes + AT_SERVER, sizeof(uint32_t));
	return wire_read_u32(&r);
}

void marker_reset(struct marker *m, uint32_t server)
{
	struct wire_writer w;

	memset(m->bytes, 0, MARKER_BYTES);
	wire_writer_init(&w, m->bytes + AT_SERVER, sizeof(uint32_t));
	wire_write_u32(&w, server);
}

void marker_put(struct marker *m, enum marker_set set, uint8_t number, bool on)
{
	uint8_t *byte = m->bytes + set_at[set] + number / 8;
	unsigned bit = 1U << number % 8;

	*byte = (uint8_t)(on ? *byte | bit : *byte & ~bit);
}

bool marker_has(const struct marker *m, enum marker_set set, uint8_t number)
{
	return m->bytes[set_at[set] + number / 8] & 1U << number % 8;
}

void marker_put_lent(struct marker *m, uint8_t keycode, uint32_t keysym)
{
	struct wire_writer w;

	wire_writer_init(&w, m->bytes + AT_LENT + keycode * sizeof(keysym), sizeof(keysym));
	wire_write_u32(&w, keysym);
}

uint32_t marker_lent(const struct marker *m, uint8_t keycode)
{
	struct wire_reader r;

	wire_reader_init(&r, m->bytes + AT_LENT + keycode * sizeof(uint32_t), sizeof(uint32_t));
	return wire_read_u32(&r);
}

void marker_put_repeat(struct marker *m, bool was_on)
{
	m->bytes[AT_REPEAT] = was_on;
}

bool marker_repeat(const struct marker *m)
{
	return m->bytes[AT_REPEAT] == 1;
}

void marker_put_group(struct marker *m, int group)
{
	m->bytes[AT_GROUP] = (uint8_t)(group + 1);
}

int marker_group(const struct marker *m)
{
	return (m->bytes[AT_GROUP] & 7) - 1;
}
