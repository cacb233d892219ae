/*
 * Loaded into OpenSSH's sftp-server (LD_PRELOAD) by farseat-files. Before main it enters the box that
 * farseat-files made, and says so: not a byte of the other end is passed on before that. In the box
 * nothing works by a path that Landlock does not look at, so what sftp-server does in that way is done
 * here with what is open; and there is no /etc/passwd.
 */
#include "common/files/sftp_box.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

/* seccomp's own maximum (BPF_MAXINSNS). */
#define FILTER_MAX 4096

static int enter(void)
{
	static struct sock_filter filter[FILTER_MAX];
	ssize_t len = read(SFTP_BOX_FILTER_FD, filter, sizeof(filter));
	struct sock_fprog program = { .filter = filter };

	if (len <= 0 || (size_t)len % sizeof(filter[0]))
		return -1;
	program.len = (unsigned short)((size_t)len / sizeof(filter[0]));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		syscall(SYS_landlock_restrict_self, SFTP_BOX_RULESET_FD, 0) < 0)
		return -1;
	close(SFTP_BOX_RULESET_FD);
	close(SFTP_BOX_FILTER_FD);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0 ? -1 : 0;
}

__attribute__((constructor)) static void begin(void)
{
	const char ready = 1;

	if (enter() < 0 || write(SFTP_BOX_READY_FD, &ready, 1) != 1)
		_exit(1);
	close(SFTP_BOX_READY_FD);
}

/* Who asks is all that sftp-server needs: names of others stay numbers. */
struct passwd *getpwuid(uid_t uid)
{
	static char name[] = "farseat", none[] = "", root[] = "/";
	static struct passwd own = { .pw_name = name,
		.pw_passwd = none,
		.pw_gecos = none,
		.pw_dir = root,
		.pw_shell = none };

	if (uid != getuid())
		return NULL;
	own.pw_uid = uid;
	own.pw_gid = getgid();
	return &own;
}

/* Never waits for a pipe's other end, and does nothing to a terminal. */
static int open_there(const char *path, int flags)
{
	return open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static int close_with(int fd, int result)
{
	int error = errno;

	close(fd);
	errno = error;
	return result;
}

int chmod(const char *file, mode_t mode)
{
	int fd = open_there(file, O_RDONLY);

	return fd < 0 ? -1 : close_with(fd, fchmod(fd, mode));
}

static int change_size(const char *path, off_t size)
{
	int fd = open_there(path, O_WRONLY);

	return fd < 0 ? -1 : close_with(fd, ftruncate(fd, size));
}

/* Where sizes have 64 bits anyway there are two symbols, and the header's may be either one. */
int truncate_plain(const char *path, off_t size) __asm__("truncate");
int truncate_large(const char *path, off_t size) __asm__("truncate64");

int truncate_plain(const char *path, off_t size)
{
	return change_size(path, size);
}

int truncate_large(const char *path, off_t size)
{
	return change_size(path, size);
}

int utimes(const char *file, const struct timeval tvp[2])
{
	int fd = open_there(file, O_RDONLY);

	return fd < 0 ? -1 : close_with(fd, futimes(fd, tvp));
}
