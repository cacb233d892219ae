/* The workstation's side of an enrolment over SSH: runs `farseatctl sign` there with this laptop's
 * request and reads what it says. Only the request goes out. farseat; blocks. */
#pragma once

#include "client/way/ssh_config.h"
#include "client/way/way.h"
#include "common/crypto/cert.h"
#include "common/crypto/invitation.h"

struct enroll_ssh_answer {
	struct crypto_der cert, ca; /* not yet checked */
	char device[CRYPTO_NAME_MAX_BYTES];
	char workstation[CRYPTO_NAME_MAX_BYTES];
	char server_id[SERVER_ID_MAX_BYTES];
	char host[INVITATION_HOST_MAX_BYTES]; /* HostName of the SSH host */
	uint16_t port;                        /* where farseatd listens there */
	char login[384];                      /* user@host:port, to be a hop */
};

struct enroll_ssh_error {
	int status; /* exit status */
	char reason[400];
	const char *remedy; /* static */
};

/*
 * url: ssh://[USER@]HOST[:PORT]; via: hops before it, "" none. csr: PEM. farseatctl: what to run
 * there ("farseatctl", or "sudo farseatctl"); must hold no shell characters. 0, or -1 with *error.
 */
int enroll_ssh(const char *url, const char *via, const char *farseatctl, const char *csr,
	struct enroll_ssh_answer *out, struct enroll_ssh_error *error) MUST_CHECK;
