/*
 * Between farseat-files and the library that it has the loader put into OpenSSH's sftp-server: the
 * descriptors that it finds there. No state, no functions of ours: the library answers for some of
 * the C library.
 */
#pragma once

#define SFTP_BOX_LIBRARY "farseat-sftp-box.so"

/* The descriptors of a sandbox_box, and where the library says with one byte that it is in. */
#define SFTP_BOX_RULESET_FD 3
#define SFTP_BOX_FILTER_FD  4
#define SFTP_BOX_READY_FD   5
