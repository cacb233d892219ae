/* Landlock, by system call: the C library has no wrappers. */
#include "common/ipc/sandbox_landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int sandbox_landlock_abi(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

/* Rights of the file system by ABI (linux/landlock.h): 13 with the first, REFER with 2, TRUNCATE
 * with 3, IOCTL_DEV with 5. */
static uint64_t file_rights(int abi)
{
	unsigned bits = abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13;

	return (1ULL << bits) - 1;
}

/* struct landlock_ruleset_attr as of ABI 6; older headers have a prefix of it. */
struct ruleset {
	uint64_t files, network, scoped;
};

static struct ruleset ruleset_for(int abi, uint64_t files)
{
	return (struct ruleset){
		.files = files & file_rights(abi),
		.network = abi >= 4 ? 3 : 0, /* bind and connect TCP */
		.scoped = abi >= 6 ? 3 : 0,  /* abstract Unix sockets, signals */
	};
}

static size_t ruleset_size(int abi)
{
	return abi >= 6   ? sizeof(struct ruleset)
	       : abi >= 4 ? 2 * sizeof(uint64_t)
			  : sizeof(uint64_t);
}

/* Rights that the kernel takes for what fd is: a rule for a file may not name those of folders. */
static uint64_t rights_of_kind(int fd)
{
	const uint64_t truncate = 1ULL << 14, ioctl_device = 1ULL << 15;
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return ~0ULL;
	return LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |
	       LANDLOCK_ACCESS_FS_WRITE_FILE | truncate | ioctl_device;
}

/* Those that sandbox_folder.writable gives. Renaming stays in one folder, but needs the right to
 * remove. */
#define WRITING                                                                                    \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |                          \
		LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |                        \
		LANDLOCK_ACCESS_FS_MAKE_SYM | 1ULL << 14 /* TRUNCATE */)
/* Those that sandbox_folder.arrangeable gives: folders go, and names move between folders. */
#define ARRANGING (LANDLOCK_ACCESS_FS_REMOVE_DIR | 1ULL << 13 /* REFER */)

int sandbox_landlock_folders(int abi, const struct sandbox_folder *folders, size_t count)
{
	const struct ruleset rules = ruleset_for(abi, ~0ULL);
	int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, ruleset_size(abi), 0);

	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < count; i++) {
		uint64_t rights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
				  (folders[i].writable ? WRITING : 0) |
				  (folders[i].arrangeable ? ARRANGING : 0);
		const struct landlock_path_beneath_attr beneath = {
			.allowed_access = rights & rules.files & rights_of_kind(folders[i].fd),
			.parent_fd = folders[i].fd
		};
		if (syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) <
			0) {
			int error = -errno;
			close(fd);
			return error;
		}
	}
	return fd;
}

int sandbox_landlock_enter(int abi, const struct sandbox_folder *folders, size_t count)
{
	int fd = sandbox_landlock_folders(abi, folders, count);

	if (fd < 0)
		return fd;
	int r = syscall(SYS_landlock_restrict_self, fd, 0) < 0 ? -errno : 0;
	close(fd);
	return r;
}

static int restrict_to(
	const struct ruleset *rules, int abi, const struct sandbox_path *paths, size_t count)
{
	int fd = (int)syscall(SYS_landlock_create_ruleset, rules, ruleset_size(abi), 0);

	if (fd < 0)
		return -errno;
	int r = 0;
	for (size_t i = 0; i < count && r == 0; i++) {
		const uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
		uint64_t rights = reading | (paths[i].execute ? LANDLOCK_ACCESS_FS_EXECUTE : 0);
		if (paths[i].writable)
			rights = ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE | rights;
		struct landlock_path_beneath_attr beneath = { .allowed_access =
								      rights & rules->files };
		beneath.parent_fd = open(paths[i].path, O_PATH | O_CLOEXEC);
		if (beneath.parent_fd < 0) {
			r = errno == ENOENT ? 0 : -errno;
			continue;
		}
		beneath.allowed_access &= rights_of_kind(beneath.parent_fd);
		if (syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) < 0)
			r = -errno;
		close(beneath.parent_fd);
	}
	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = -errno;
	if (r == 0 && syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		r = -errno;
	close(fd);
	return r;
}

int sandbox_paths(const struct sandbox_path *paths, size_t count)
{
	int abi = sandbox_landlock_abi();

	if (abi < 1)
		return 1;
	struct ruleset rules = ruleset_for(abi, ~0ULL);
	/* A process that needs files may need the network, and to signal its children. */
	rules.network = 0;
	rules.scoped = 0;
	return restrict_to(&rules, abi, paths, count);
}
