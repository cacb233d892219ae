/*
 * What `farseat doctor` finds, line by line: command_doctor.c walks the way, doctor_measure.c
 * measures an open session, doctor_diagnose.c names what failed and what to do about it,
 * doctor_report.c writes it down. farseat; nobody else includes this.
 */
#pragma once

#include "client/app/headless.h"

#include <jansson.h>

/* Clocks may differ by so much: certificates are valid from five minutes before they are made. */
#define DOCTOR_CLOCK_SLACK_S 300

struct doctor {
	struct headless h;
	bool json, exact;
	json_t *checks;     /* owned */
	char step[64];      /* of the newest line */
	char diagnosis[32]; /* of the first failure, else of the first thing to note; "" none */
	bool failed;

	enum crypto_fault own; /* what is wrong with our certificate, by our clock */
	bool through;          /* a command, proxy or tunnel is on the way */
	bool dial_failed;
	int dial_error; /* -errno of the last try to connect; 0 none */
	bool name_failed;
	char hop_step[40];         /* the step in which a hop on the way failed; "" none did */
	const char *hop_diagnosis; /* static */
	uint64_t step_us;          /* when the last step of the handshake was taken */
	uint64_t secured_us, opened_us;
	bool said_secured;
	bool clock_known;
	int64_t clock_ahead_s; /* by how much ours is ahead of the workstation's */
};

enum verdict { GOOD, BAD, NOTE };

/* doctor_report.c: one line: what, how it went, how long it took, and more about it. */
void doctor_say(struct doctor *d, const char *step, enum verdict verdict, uint64_t took_us,
	const char *format, ...) PRINTF_LIKE(5, 6);
/* Under the newest line: a short stable word for what it means (may be ""), and what to do. */
void doctor_advise(struct doctor *d, const char *diagnosis, const char *remedy);
/* All of it as JSON, where that was asked for. */
void doctor_finish(struct doctor *d, const char *name);

/* doctor_diagnose.c: the connection ended, or never came: says at which step, why, and what to do.
 * The exit status. */
int doctor_diagnose(struct doctor *d);
/* The clocks of both ends, once the session is open. */
void doctor_judge_clocks(struct doctor *d);

/* doctor_measure.c: an open session: picture, input, round trip, throughput, loss, exactness. */
int doctor_measure(struct doctor *d);
/* Goes on until done or ms have passed, or the session ended: whether done. */
bool doctor_wait(struct doctor *d, bool (*done)(struct headless *h), uint32_t ms);
