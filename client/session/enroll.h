/*
 * Enrolment by invitation, or over SSH (ARCHITECTURE.md, D-INVITATION): makes a key here, fetches the
 * workstation's chain, picks the CA whose key the invitation names, proves possession of the
 * invitation, has the new key signed, and stores all of it. The new key never leaves. farseat;
 * blocks, so the launcher runs it in a thread.
 */
#pragma once

#include "client/session/workstation.h"

struct enroll_result {
	struct workstation workstation;     /* as stored */
	char device[CRYPTO_NAME_MAX_BYTES]; /* what the administrator calls this laptop */
	int status;         /* exit status: 0 enrolled, 1 failed, 2 not an invitation, 3 refused */
	char reason[400];   /* a sentence, when it failed */
	const char *remedy; /* static; may be "" */
};

/* Told of each step before it is taken; may be NULL. false: the person gave up, and neither this step
 * nor a later one is taken. An invitation that was shown before is spent then. */
typedef bool (*enroll_progress_fn)(void *user, const char *what);

/* The step from which on an invitation may be spent. */
#define ENROLL_STEP_SHOWING "Showing the invitation"

/* Of an enrolment over SSH; NULL or zeroed: the usual. */
struct enroll_ssh_wishes {
	const char *farseatctl; /* what to run there; NULL: farseatctl */
	bool through;           /* connect through this login from now on, not directly */
};

/*
 * invitation: its text, or ssh://[USER@]HOST[:PORT] (the way's via are hops before that).
 * name: under which to keep it; NULL: the workstation's own. way: the way there, kept with it;
 * NULL: directly. Returns out->status.
 */
int enroll_run(const char *invitation, const char *name, const struct way *way,
	const struct enroll_ssh_wishes *wishes, enroll_progress_fn progress, void *user,
	struct enroll_result *out);
