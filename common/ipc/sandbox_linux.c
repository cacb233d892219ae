/*
 * Linux: seccomp and no_new_privs (Landlock: sandbox_landlock_linux.c). The list of calls is what a
 * TLS end with a decoder or encoder on threads needs after it has its descriptors, each with its
 * reason; everything else kills the process (openat and its kin are refused instead, since C
 * libraries open files on odd paths and can live without).
 */
#include "common/ipc/sandbox.h"

#include "common/base/log.h"
#include "common/ipc/sandbox_calls.h"
#include "common/ipc/sandbox_landlock.h"
#include "common/wire/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Descriptors that a confined process may have: its own few, an event loop's, and passed memory. */
#define FILES_MAX 64

/* No file can be opened; the limit also holds for memory that the link makes for cursor shapes
 * (ftruncate): the largest. */
#define FILE_MAX_BYTES (WIRE_CURSOR_SIDE_MAX_PX * WIRE_CURSOR_SIDE_MAX_PX * 4)

static const struct sandbox_call allowed[] = {
	{ SCMP_SYS(read), "sockets, eventfd, timerfd" },
	{ SCMP_SYS(readv), "sockets" },
	{ SCMP_SYS(write), "sockets, eventfd, standard error" },
	{ SCMP_SYS(writev), "sockets" },
	{ SCMP_SYS(recvmsg), "channels: records with a descriptor" },
	{ SCMP_SYS(recvfrom), "sockets (recv)" },
	{ SCMP_SYS(sendmsg), "channels" },
	{ SCMP_SYS(sendto), "sockets (send)" },
	{ SCMP_SYS(shutdown), "ends the connection in order" },
	{ SCMP_SYS(close), "passed descriptors" },
	{ SCMP_SYS(poll), "event loop" },
	{ SCMP_SYS(ppoll), "event loop" },
	{ SCMP_SYS(epoll_create1), "event loop" },
	{ SCMP_SYS(epoll_ctl), "event loop" },
	{ SCMP_SYS(epoll_wait), "event loop" },
	{ SCMP_SYS(epoll_pwait), "event loop" },
	{ SCMP_SYS(eventfd2), "wakes a thread" },
	{ SCMP_SYS(timerfd_create), "timers" },
	{ SCMP_SYS(timerfd_settime), "timers" },
	{ SCMP_SYS(futex), "locks" },
	{ SCMP_SYS(sched_yield), "locks" },
	{ SCMP_SYS(set_robust_list), "start of a thread" },
	{ SCMP_SYS(rseq), "start of a thread" },
	{ SCMP_SYS(sched_getaffinity), "number of processors" },
	{ SCMP_SYS(clock_gettime), "time, where the vDSO does not answer" },
	{ SCMP_SYS(clock_getres), "time" },
	{ SCMP_SYS(gettimeofday), "time" },
	{ SCMP_SYS(nanosleep), "waits" },
	{ SCMP_SYS(clock_nanosleep), "waits" },
	{ SCMP_SYS(getrandom), "random numbers" },
	{ SCMP_SYS(brk), "heap" },
	{ SCMP_SYS(munmap), "heap, passed memory" },
	{ SCMP_SYS(memfd_create), "the link hands cursor shapes to its UI" },
	{ SCMP_SYS(ftruncate), "size of such memory, within RLIMIT_FSIZE" },
	{ SCMP_SYS(mremap), "heap" },
	{ SCMP_SYS(madvise), "heap, end of a thread" },
	{ SCMP_SYS(rt_sigreturn), "signals" },
	{ SCMP_SYS(rt_sigprocmask), "start and end of a thread" },
	{ SCMP_SYS(rt_sigaction), "abort()" },
	{ SCMP_SYS(restart_syscall), "after a stop" },
	{ SCMP_SYS(gettid), "threads" },
	{ SCMP_SYS(getpid), "threads" },
	{ SCMP_SYS(lseek), "size of passed memory" },
	{ SCMP_SYS(getsockopt), "link estimate (TCP_INFO)" },
	{ SCMP_SYS(getsockname), "event loop" },
	{ SCMP_SYS(exit), "end of a thread" },
	{ SCMP_SYS(exit_group), "end" },
};

/* Refused with EACCES: asked for by C libraries in passing (time zone, locale, number of
 * processors). */
static const int refused[] = {
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(access), SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(stat),
	SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(sysinfo), SCMP_SYS(uname),
	SCMP_SYS(prctl), /* names of threads */
};

/* farseat-files alone: beneath its folders. */
static const struct sandbox_call files_allowed[] = {
	{ SCMP_SYS(openat2), "folders and files; openat, which can follow links, stays refused" },
	{ SCMP_SYS(fstat), "size, time, kind" },
	{ SCMP_SYS(newfstatat), "the same, by name" },
	{ SCMP_SYS(getdents64), "names in a folder" },
	{ SCMP_SYS(readlinkat), "where a link leads, to copy it as one" },
	{ SCMP_SYS(pread64), "files" },
	{ SCMP_SYS(pwrite64), "files" },
	{ SCMP_SYS(fallocate), "holes" },
	{ SCMP_SYS(fsync), "what is copied is on the disk" },
	{ SCMP_SYS(sync_file_range), "the same, begun early" },
	{ SCMP_SYS(syncfs), "the same, of folders" },
	{ SCMP_SYS(flock), "one transfer alone writes a part file" },
	{ SCMP_SYS(fchmod), "permissions" },
	{ SCMP_SYS(utimensat), "times" },
	{ SCMP_SYS(mkdirat), "folders" },
	{ SCMP_SYS(symlinkat), "links" },
	{ SCMP_SYS(linkat), "a name without replacing, where renameat2 cannot" },
	{ SCMP_SYS(renameat), "a part file gets its name" },
	{ SCMP_SYS(renameat2), "the same, without replacing" },
	{ SCMP_SYS(unlinkat), "part files that are given up" },
	{ SCMP_SYS(geteuid), "whose a part file is" },
};

/* The signer alone: registry, audit log and the CA's key, by paths that Landlock bounds. */
static const struct sandbox_call signer_allowed[] = {
	{ SCMP_SYS(open), "files and folders" },
	{ SCMP_SYS(openat), "files and folders" },
	{ SCMP_SYS(stat), "of them" },
	{ SCMP_SYS(fstat), "of them" },
	{ SCMP_SYS(newfstatat), "of them" },
	{ SCMP_SYS(statx), "of them" },
	{ SCMP_SYS(access), "of them" },
	{ SCMP_SYS(faccessat), "of them" },
	{ SCMP_SYS(faccessat2), "of them" },
	{ SCMP_SYS(readlink), "where its own program stands" },
	{ SCMP_SYS(readlinkat), "the same" },
	{ SCMP_SYS(getdents64), "temporary files that were left" },
	{ SCMP_SYS(pread64), "the end of the audit log" },
	{ SCMP_SYS(flock), "one writer at a time" },
	{ SCMP_SYS(fsync), "what was signed is on the disk" },
	{ SCMP_SYS(fdatasync), "the same" },
	{ SCMP_SYS(fchmod), "0600" },
	{ SCMP_SYS(mkdir), "folders that are missing" },
	{ SCMP_SYS(mkdirat), "the same" },
	{ SCMP_SYS(rename), "a file is replaced as a whole" },
	{ SCMP_SYS(renameat), "the same" },
	{ SCMP_SYS(renameat2), "the same" },
	{ SCMP_SYS(unlink), "temporary files, a journal that is over" },
	{ SCMP_SYS(unlinkat), "the same" },
	{ SCMP_SYS(geteuid), "whose a file is" },
	{ SCMP_SYS(getuid), "the same" },
	{ SCMP_SYS(uname), "the machine's name" },
};

/* What a role has beside the list for all. */
static const struct {
	const struct sandbox_call *calls;
	size_t count;
} more[SANDBOX_ROLES] = {
	[SANDBOX_FILES] = { files_allowed, ARRAY_LEN(files_allowed) },
	[SANDBOX_SIGNER] = { signer_allowed, ARRAY_LEN(signer_allowed) },
};

/* The signer's prctl has a condition, which a refusal of all of them would override. */
static bool is_allowed_to(enum sandbox_role role, int call)
{
	for (size_t i = 0; i < more[role].count; i++)
		if (more[role].calls[i].call == call)
			return true;
	return role == SANDBOX_SIGNER && call == SCMP_SYS(prctl);
}

bool sandbox_kills(void)
{
	return !SANITIZED;
}

static int limit(int what, rlim_t value)
{
	const struct rlimit l = { .rlim_cur = value, .rlim_max = value };

	return setrlimit((__rlimit_resource_t)what, &l) < 0 ? -errno : 0;
}

static int prepare(int kept_fds, rlim_t files, rlim_t file_bytes)
{
	struct tm parts;
	time_t now = time(NULL);

	if (close_range(3U + (unsigned)kept_fds, ~0U, 0) < 0)
		return -errno;
	/* Reads /etc/localtime now, since it cannot later. */
	tzset();
	gmtime_r(&now, &parts);
	/* Where standard error is a file at its limit, logging fails with EFBIG and does not kill. */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return -errno;
	int r = limit(RLIMIT_CORE, 0);
	if (r == 0)
		r = limit(RLIMIT_NOFILE, files);
	if (r == 0)
		r = limit(RLIMIT_FSIZE, file_bytes);
	return r;
}

int sandbox_prepare(int kept_fds)
{
	return prepare(kept_fds, FILES_MAX, FILE_MAX_BYTES);
}

/* Beside its own few: what is sent or reached, two folders open for each level (one is counted, one
 * sent), two descriptors for each file that waits for the disk. */
int sandbox_prepare_files(int kept_fds)
{
	return prepare(kept_fds,
		FILES_MAX + SANDBOX_FOLDERS_MAX + 2 * WIRE_FILE_DEPTH_MAX +
			2 * SANDBOX_FILES_WAITING_MAX,
		WIRE_FILE_MAX_BYTES);
}

/* ---- seccomp ---- */

static int add_calls(scmp_filter_ctx filter, enum sandbox_role role)
{
	int r = sandbox_calls_allow(filter, more[role].calls, more[role].count);

	if (r == 0)
		r = sandbox_calls_allow(filter, allowed, ARRAY_LEN(allowed));
	/* A sanitizer's report at the end opens files. */
	for (size_t i = 0; i < ARRAY_LEN(refused) && sandbox_kills() && r == 0; i++) {
		if (is_allowed_to(role, refused[i]))
			continue;
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), refused[i], 0);
		if (r == -EDOM)
			r = 0;
	}
	return r;
}

static const struct sandbox_condition conditional[] = {
	{ SCMP_SYS(mmap), 2, PROT_EXEC, 0, "heap, passed memory: none that is executable" },
	{ SCMP_SYS(mprotect), 2, PROT_EXEC, 0, "heap, stacks of threads" },
	/* A new screen size brings a new encoder with its helper thread; never a process. */
	{ SCMP_SYS(clone), 0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM, "threads" },
	{ SCMP_SYS(setsockopt), 1, SANDBOX_WHOLE, IPPROTO_TCP, "no delay, short send buffer" },
	{ SCMP_SYS(fcntl), 1, SANDBOX_WHOLE, F_GETFD, "flags of descriptors" },
	{ SCMP_SYS(fcntl), 1, SANDBOX_WHOLE, F_SETFD, "flags of descriptors" },
	{ SCMP_SYS(fcntl), 1, SANDBOX_WHOLE, F_GETFL, "flags of descriptors" },
	{ SCMP_SYS(fcntl), 1, SANDBOX_WHOLE, F_SETFL, "flags of descriptors" },
	{ SCMP_SYS(fcntl), 1, SANDBOX_WHOLE, F_DUPFD_CLOEXEC,
		"a descriptor that waits to be passed" },
	{ SCMP_SYS(fcntl), 1, SANDBOX_WHOLE, F_GET_SEALS, "passed memory" },
	{ SCMP_SYS(fcntl), 1, SANDBOX_WHOLE, F_ADD_SEALS, "memory that is passed" },
	{ SCMP_SYS(ioctl), 1, SANDBOX_WHOLE, TIOCOUTQ, "what waits in a socket" },
	{ SCMP_SYS(ioctl), 1, SANDBOX_WHOLE, SIOCOUTQNSD, "what waits in a socket unsent" },
	{ SCMP_SYS(ioctl), 1, SANDBOX_WHOLE, FIONREAD, "what can be read" },
};

static int allow_if(
	scmp_filter_ctx filter, int call, const struct scmp_arg_cmp *conditions, unsigned count)
{
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, count, conditions);
}

static int add_conditions(scmp_filter_ctx filter)
{
	int r = sandbox_conditions_allow(filter, conditional, ARRAY_LEN(conditional));

	/* Signals to its own threads only: abort(). */
	const struct scmp_arg_cmp own = { 0, SCMP_CMP_MASKED_EQ, SANDBOX_WHOLE,
		(scmp_datum_t)getpid() };
	if (r == 0)
		r = allow_if(filter, SCMP_SYS(tgkill), &own, 1);
	const struct scmp_arg_cmp send_buffer[] = {
		{ 1, SCMP_CMP_MASKED_EQ, SANDBOX_WHOLE, SOL_SOCKET },
		{ 2, SCMP_CMP_MASKED_EQ, SANDBOX_WHOLE, SO_SNDBUF },
	};
	if (r == 0)
		r = allow_if(filter, SCMP_SYS(setsockopt), send_buffer, ARRAY_LEN(send_buffer));
	/* clone3's flags stand in memory, where a filter cannot look: ENOSYS makes the C library
	 * use clone. */
	if (r == 0)
		r = seccomp_rule_add_array(
			filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0, NULL);
	return r;
}

/* The tunnel makes the streams that it hands to its parent: unnamed pairs, which reach nowhere. */
static int add_tunnel_calls(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp local = { 0, SCMP_CMP_MASKED_EQ, SANDBOX_WHOLE, AF_UNIX };

	return allow_if(filter, SCMP_SYS(socketpair), &local, 1);
}

/* It guards itself again each time that it takes the CA's key: not dumpable, no core. */
static int add_signer_calls(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp guard[] = {
		{ 0, SCMP_CMP_MASKED_EQ, SANDBOX_WHOLE, PR_SET_DUMPABLE },
		{ 1, SCMP_CMP_MASKED_EQ, SANDBOX_WHOLE, 0 },
	};
	const struct scmp_arg_cmp core[] = {
		{ 0, SCMP_CMP_MASKED_EQ, SANDBOX_WHOLE, 0 },
		{ 1, SCMP_CMP_MASKED_EQ, SANDBOX_WHOLE, RLIMIT_CORE },
	};
	int r = allow_if(filter, SCMP_SYS(prctl), guard, ARRAY_LEN(guard));

	return r < 0 ? r : allow_if(filter, SCMP_SYS(prlimit64), core, ARRAY_LEN(core));
}

static int load_filter(enum sandbox_role role)
{
	scmp_filter_ctx filter =
		seccomp_init(sandbox_kills() ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_LOG);

	if (!filter)
		return -ENOMEM;
	int r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (r == 0)
		r = add_calls(filter, role);
	if (r == 0)
		r = add_conditions(filter);
	if (r == 0 && role == SANDBOX_TUNNEL)
		r = add_tunnel_calls(filter);
	if (r == 0 && role == SANDBOX_SIGNER)
		r = add_signer_calls(filter);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

static void warn_without_landlock(void)
{
	log_debug(
		"sandbox: this kernel has no Landlock; the filter of system calls is in force alone");
}

int sandbox_enter_files(const struct sandbox_folder *folders, size_t count)
{
	int abi = sandbox_landlock_abi();
	int r = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (!sandbox_kills())
		return load_filter(SANDBOX_FILES);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	if (abi >= 1)
		r = sandbox_landlock_enter(abi, folders, count);
	else
		warn_without_landlock();
	if (r == 0)
		r = load_filter(SANDBOX_FILES);
	return r < 0 ? r : abi < 1;
}

int sandbox_enter(enum sandbox_role role)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (!sandbox_kills()) /* the leak check opens files, and traces the process */
		return load_filter(role);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;

	int abi = sandbox_landlock_abi();
	if (abi >= 1) {
		int r = sandbox_landlock_enter(abi, NULL, 0);
		if (r < 0)
			return r;
	} else {
		warn_without_landlock();
	}
	int r = load_filter(role);
	if (r < 0)
		return r;
	return abi >= 1 ? 0 : 1;
}

int sandbox_enter_signer(const struct sandbox_path *paths, size_t count)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	int without = sandbox_paths(paths, count);
	if (without < 0)
		return without;
	if (without == 1)
		warn_without_landlock();
	int r = load_filter(SANDBOX_SIGNER);
	return r < 0 ? r : without;
}
