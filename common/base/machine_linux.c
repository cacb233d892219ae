/* Linux: passwd(5), getrandom(2). */
#include "common/base/machine.h"

#include <errno.h>
#include <pwd.h>
#include <stdint.h>
#include <sys/random.h>
#include <unistd.h>

const char *machine_home(void)
{
	const struct passwd *me = getpwuid(getuid());

	return me ? me->pw_dir : "/";
}

const char *machine_user(void)
{
	const struct passwd *me = getpwuid(getuid());

	return me ? me->pw_name : "root";
}

unsigned machine_user_id(void)
{
	return (unsigned)getuid();
}

const char *machine_home_of(const char *user)
{
	const struct passwd *one = getpwnam(user);

	return one ? one->pw_dir : NULL;
}

int machine_host(char out[static MACHINE_HOST_BYTES])
{
	if (gethostname(out, MACHINE_HOST_BYTES - 1) < 0)
		return -errno;
	out[MACHINE_HOST_BYTES - 1] = '\0';
	return 0;
}

int machine_random(void *out, size_t len)
{
	uint8_t *at = out;

	while (len > 0) {
		ssize_t n = getrandom(at, len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}
