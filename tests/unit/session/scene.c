#include "tests/unit/session/scene.h"

#include "common/base/fd.h"
#include "common/crypto/random.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void make_workstation(struct scene *s)
{
	struct crypto_key *ca_key, *key;
	struct crypto_der ca, cert;
	uint8_t public_key[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	struct crypto_cert_request request = { .purpose = CRYPTO_FOR_DEVICE,
		.name = "farseat:device:0f0e0d0c-0000-4000-8000-000000000001" };

	assert_int_equal(crypto_key_generate(&ca_key), 0);
	assert_int_equal(crypto_ca_create(ca_key, "office", &ca), 0);
	assert_int_equal(crypto_key_generate(&key), 0);
	assert_int_equal(
		crypto_key_public_der(key, public_key, sizeof(public_key), &request.public_key_len),
		0);
	request.public_key = public_key;
	assert_int_equal(crypto_ca_sign(ca_key, &ca, &request, &cert), 0);
	assert_int_equal(workstation_store(&s->workstation, key, &cert, &ca, true), 0);
	crypto_key_destroy(ca_key);
	crypto_key_destroy(key);
}

static int listen_on_loopback(uint16_t *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 64) < 0 ||
		getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		return -1;
	*port = ntohs(a.sin_port);
	return fd;
}

int scene_set_up(void **state, const char *link)
{
	struct scene *s = calloc(1, sizeof(*s));
	char program[PATH_MAX], name[PATH_MAX], path[PATH_MAX];

	if (!s || crypto_init() < 0)
		return -1;
	*state = s;
	signal(SIGPIPE, SIG_IGN);
	snprintf(s->home, sizeof(s->home), "/tmp/farseat-test-XXXXXX");
	s->workstation = (struct workstation){
		.name = "office", .host = "127.0.0.1", .server_id = "office"
	};
	s->listener = listen_on_loopback(&s->workstation.port);
	if (!mkdtemp(s->home) || s->listener < 0 || setenv("FARSEAT_HOME", s->home, 1) < 0)
		return -1;
	/* The link stands beside this program, under another name. */
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (len < 0)
		return -1;
	program[len] = '\0';
	*strrchr(program, '/') = '\0';
	snprintf(path, sizeof(path), "%.3000s/%s", program, link);
	snprintf(name, sizeof(name), "%s/farseat-link", s->home);
	if (symlink(path, name) < 0 || setenv("FARSEAT_LIBEXEC", s->home, 1) < 0)
		return -1;
	make_workstation(s);
	return 0;
}

int scene_tear_down(void **state)
{
	static const char *const left[] = { "farseat-link", "data/workstations", "data",
		"state/seen", "state", "" };
	struct scene *s = *state;

	connection_destroy(s->connection);
	fd_close(&s->listener);
	int r = workstation_remove("office");
	for (size_t i = 0; i < ARRAY_LEN(left); i++) {
		char path[PATH_MAX];
		snprintf(path, sizeof(path), "%s/%s", s->home, left[i]);
		if (remove(path) < 0 && errno != ENOENT)
			r = -errno;
	}
	free(s);
	return r;
}

void scene_turn(struct scene *s)
{
	struct fd_poll fds[CONNECTION_FDS_MAX];
	int ms;
	size_t n = connection_poll(s->connection, fds, &ms);

	int r = fd_wait(fds, n, ms < 0 || ms > 20 ? 20 : ms);
	if (r >= 0 || r == -EINTR)
		connection_process(s->connection);
}
