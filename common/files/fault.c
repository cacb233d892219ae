#include "common/files/fault.h"

#include "common/base/macros.h"

#include <errno.h>
#include <string.h>

static const struct {
	int error;
	enum wire_file_fault fault;
} of_errors[] = {
	{ EEXIST, WIRE_FILE_EXISTS },
	{ ENOENT, WIRE_FILE_NOT_FOUND },
	{ EACCES, WIRE_FILE_DENIED },
	{ EPERM, WIRE_FILE_DENIED },
	{ ENOSPC, WIRE_FILE_NO_SPACE },
	{ EDQUOT, WIRE_FILE_QUOTA },
	{ EROFS, WIRE_FILE_READ_ONLY },
	{ EINVAL, WIRE_FILE_BAD_NAME }, /* FAT and the like do not take every byte */
	{ EILSEQ, WIRE_FILE_BAD_NAME },
	{ ENAMETOOLONG, WIRE_FILE_BAD_NAME },
	{ ELOOP, WIRE_FILE_IS_LINK },
	{ EXDEV, WIRE_FILE_OUTSIDE },
	{ EISDIR, WIRE_FILE_IS_FOLDER },
	{ ENOTDIR, WIRE_FILE_NO_FOLDER },
	{ EFBIG, WIRE_FILE_TOO_LARGE },
	{ EOVERFLOW, WIRE_FILE_TOO_LARGE },
	{ EBUSY, WIRE_FILE_BUSY },
	{ ETXTBSY, WIRE_FILE_BUSY },
	{ EAGAIN, WIRE_FILE_BUSY },
	{ EPROTO, WIRE_FILE_PROTOCOL },
	{ EBADMSG, WIRE_FILE_DAMAGED },
	{ ECANCELED, WIRE_FILE_STOPPED },
	{ ESTALE, WIRE_FILE_CHANGED },
	{ EKEYREJECTED, WIRE_FILE_NOT_ALLOWED }, /* by the capabilities; files have EPERM */
	{ ENOSYS, WIRE_FILE_UNAVAILABLE },
	{ ENXIO, WIRE_FILE_SPECIAL }, /* folder_open_file: a socket, a device */
	{ ENOMEM, WIRE_FILE_INTERNAL },
	{ EMFILE, WIRE_FILE_INTERNAL },
};

enum wire_file_fault files_fault_of(int error)
{
	for (size_t i = 0; i < ARRAY_LEN(of_errors); i++)
		if (of_errors[i].error == -error)
			return of_errors[i].fault;
	return WIRE_FILE_IO;
}

struct wire_message files_fault_message(
	uint8_t transfer, uint32_t entry, enum wire_file_fault fault, const char *path)
{
	return (struct wire_message){ .type = WIRE_FILE_FAULT,
		.file_fault = { .transfer = transfer,
			.entry = entry,
			.fault = (uint8_t)fault,
			.path = (const uint8_t *)path,
			.path_len = strlen(path) } };
}

bool files_fault_ends(enum wire_file_fault fault)
{
	return fault == WIRE_FILE_NO_SPACE || fault == WIRE_FILE_QUOTA ||
	       fault == WIRE_FILE_READ_ONLY || fault == WIRE_FILE_INTERNAL ||
	       fault == WIRE_FILE_PROTOCOL;
}

const char *files_fault_text(uint8_t fault)
{
	static const char *const texts[WIRE_FILE_FAULTS] = {
		[WIRE_FILE_OK] = "it was copied",
		[WIRE_FILE_EXISTS] = "there is another one of that name already",
		[WIRE_FILE_NOT_FOUND] = "there is no such file",
		[WIRE_FILE_DENIED] = "the file system does not allow it",
		[WIRE_FILE_NO_SPACE] = "the disk is full",
		[WIRE_FILE_QUOTA] = "the quota on the disk is used up",
		[WIRE_FILE_READ_ONLY] = "the file system is read-only",
		[WIRE_FILE_BAD_NAME] = "the file system does not take that name",
		[WIRE_FILE_TOO_DEEP] = "folders are nested more than 64 deep",
		[WIRE_FILE_IS_LINK] = "it is a symbolic link, or lies behind one",
		[WIRE_FILE_SPECIAL] = "it is neither a file nor a folder",
		[WIRE_FILE_IS_FOLDER] = "it is a folder",
		[WIRE_FILE_NO_FOLDER] = "there is no such folder",
		[WIRE_FILE_IO] = "reading or writing failed",
		[WIRE_FILE_CHANGED] = "it changed while it was read",
		[WIRE_FILE_DAMAGED] = "it arrived damaged",
		[WIRE_FILE_TOO_LARGE] = "it is too large",
		[WIRE_FILE_BUSY] = "another transfer is at work on it, or there are too many",
		[WIRE_FILE_OUTSIDE] = "it is in none of the workstation's folders for copies",
		[WIRE_FILE_STOPPED] = "it was stopped",
		[WIRE_FILE_NOT_ALLOWED] = "the workstation's administrator does not allow it",
		[WIRE_FILE_UNAVAILABLE] = "the workstation cannot copy files",
		[WIRE_FILE_PROTOCOL] = "the other end broke the protocol",
		[WIRE_FILE_INTERNAL] = "an internal fault; try again",
	};

	return fault < WIRE_FILE_FAULTS ? texts[fault] : "for an unknown reason";
}
