/*
 * The box of a program that is not ours. What it calls can be known for the versions that were looked
 * at only, so everything else is refused rather than deadly.
 */
#include "common/base/fd.h"
#include "common/ipc/sandbox_calls.h"
#include "common/ipc/sandbox_landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static const struct sandbox_call allowed[] = {
	{ SCMP_SYS(read), "standard input, files" },
	{ SCMP_SYS(readv), "the same" },
	{ SCMP_SYS(pread64), "files" },
	{ SCMP_SYS(write), "standard output, files" },
	{ SCMP_SYS(writev), "the same" },
	{ SCMP_SYS(pwrite64), "files" },
	{ SCMP_SYS(close), "files" },
	{ SCMP_SYS(close_range), "what it should not have inherited" },
	{ SCMP_SYS(lseek), "files" },
	{ SCMP_SYS(stat), "size, time, kind" },
	{ SCMP_SYS(fstat), "size, time, kind" },
	{ SCMP_SYS(lstat), "size, time, kind" },
	{ SCMP_SYS(newfstatat), "size, time, kind" },
	{ SCMP_SYS(statx), "size, time, kind" },
	{ SCMP_SYS(statfs), "room on the disk" },
	{ SCMP_SYS(fstatfs), "room on the disk" },
	{ SCMP_SYS(access), "whether it may" },
	{ SCMP_SYS(faccessat), "whether it may" },
	{ SCMP_SYS(getdents64), "names in a folder" },
	{ SCMP_SYS(readlink), "where a link leads" },
	{ SCMP_SYS(readlinkat), "where a link leads" },
	{ SCMP_SYS(getcwd), "where relative paths begin" },
	{ SCMP_SYS(chdir), "where relative paths begin" },
	{ SCMP_SYS(ftruncate), "size of an open file" },
	{ SCMP_SYS(fsync), "what was written is on the disk" },
	{ SCMP_SYS(fdatasync), "the same" },
	{ SCMP_SYS(rename), "names: Landlock says where" },
	{ SCMP_SYS(renameat), "names" },
	{ SCMP_SYS(renameat2), "names" },
	{ SCMP_SYS(link), "names: also how it renames without replacing" },
	{ SCMP_SYS(linkat), "names" },
	{ SCMP_SYS(symlink), "links" },
	{ SCMP_SYS(symlinkat), "links" },
	{ SCMP_SYS(unlink), "names" },
	{ SCMP_SYS(unlinkat), "names" },
	{ SCMP_SYS(rmdir), "folders" },
	{ SCMP_SYS(umask), "permissions of what it makes" },
	{ SCMP_SYS(poll), "waits for input" },
	{ SCMP_SYS(ppoll), "waits for input" },
	{ SCMP_SYS(select), "waits for input" },
	{ SCMP_SYS(pselect6), "waits for input" },
	{ SCMP_SYS(dup), "descriptors" },
	{ SCMP_SYS(dup2), "descriptors" },
	{ SCMP_SYS(getuid), "who it is" },
	{ SCMP_SYS(geteuid), "who it is" },
	{ SCMP_SYS(getgid), "who it is" },
	{ SCMP_SYS(getegid), "who it is" },
	{ SCMP_SYS(getpid), "its log" },
	{ SCMP_SYS(getppid), "its log" },
	{ SCMP_SYS(gettid), "abort()" },
	{ SCMP_SYS(brk), "heap" },
	{ SCMP_SYS(munmap), "heap" },
	{ SCMP_SYS(mremap), "heap" },
	{ SCMP_SYS(madvise), "heap" },
	{ SCMP_SYS(futex), "locks" },
	{ SCMP_SYS(getrandom), "random numbers" },
	{ SCMP_SYS(clock_gettime), "time" },
	{ SCMP_SYS(gettimeofday), "time" },
	{ SCMP_SYS(time), "time" },
	{ SCMP_SYS(nanosleep), "waits" },
	{ SCMP_SYS(clock_nanosleep), "waits" },
	{ SCMP_SYS(rt_sigaction), "signals" },
	{ SCMP_SYS(rt_sigprocmask), "signals" },
	{ SCMP_SYS(rt_sigreturn), "signals" },
	{ SCMP_SYS(restart_syscall), "after a stop" },
	{ SCMP_SYS(exit), "end" },
	{ SCMP_SYS(exit_group), "end" },
};

/* (argument & mask) == value. Landlock does not look at permissions and times, so by a path none are
 * changed; and no bit beyond 0777 is ever set, when something is made neither. */
#define SPECIAL ((scmp_datum_t)07000)
static const struct sandbox_condition conditional[] = {
	{ SCMP_SYS(openat), 3, SPECIAL, 0, "files and folders: Landlock says which" },
	{ SCMP_SYS(mkdir), 1, SPECIAL, 0, "folders" },
	{ SCMP_SYS(mkdirat), 2, SPECIAL, 0, "folders" },
	{ SCMP_SYS(fchmod), 1, SPECIAL, 0, "permissions of what is open" },
	{ SCMP_SYS(utimensat), 1, SANDBOX_WHOLE, 0, "times of what is open" },
	{ SCMP_SYS(mmap), 2, PROT_EXEC, 0, "heap: none that is executable" },
	{ SCMP_SYS(mprotect), 2, PROT_EXEC, 0, "heap" },
	{ SCMP_SYS(fcntl), 1, SANDBOX_WHOLE, F_GETFD, "flags of descriptors" },
	{ SCMP_SYS(fcntl), 1, SANDBOX_WHOLE, F_SETFD, "flags of descriptors" },
	{ SCMP_SYS(fcntl), 1, SANDBOX_WHOLE, F_GETFL, "flags of descriptors" },
	{ SCMP_SYS(fcntl), 1, SANDBOX_WHOLE, F_SETFL, "flags of descriptors" },
	{ SCMP_SYS(fcntl), 1, SANDBOX_WHOLE, F_DUPFD_CLOEXEC, "descriptors" },
	{ SCMP_SYS(prlimit64), 0, SANDBOX_WHOLE, 0, "how many descriptors it may have itself" },
	{ SCMP_SYS(prctl), 0, SANDBOX_WHOLE, PR_SET_DUMPABLE, "nobody looks into it" },
	{ SCMP_SYS(prctl), 0, SANDBOX_WHOLE, PR_GET_DUMPABLE, "nobody looks into it" },
	{ SCMP_SYS(ioctl), 1, SANDBOX_WHOLE, FIONREAD, "what can be read" },
};

static int write_filter(int fd)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	if (!filter)
		return -ENOMEM;
	int r = sandbox_calls_allow(filter, allowed, ARRAY_LEN(allowed));
	if (r == 0)
		r = sandbox_conditions_allow(filter, conditional, ARRAY_LEN(conditional));
	if (r == 0)
		r = seccomp_export_bpf(filter, fd);
	seccomp_release(filter);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	return r;
}

int sandbox_make_box(const struct sandbox_folder *folders, size_t count, struct sandbox_box *out)
{
	int abi = sandbox_landlock_abi();

	if (abi < 1)
		return -ENOSYS;
	out->ruleset = sandbox_landlock_folders(abi, folders, count);
	if (out->ruleset < 0)
		return out->ruleset;
	out->filter = memfd_create("filter", MFD_CLOEXEC);
	int r = out->filter < 0 ? -errno : write_filter(out->filter);
	if (r < 0) {
		fd_close(&out->filter);
		fd_close(&out->ruleset);
	}
	return r;
}
