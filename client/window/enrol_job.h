/*
 * An enrolment in a thread of its own, for the launcher, whose window must not stand still meanwhile
 * and whose person may give up at any moment. farseat.
 */
#pragma once

#include "client/session/enroll.h"

struct enrol_job;

/*
 * Starts. name: under which to keep the workstation, "" its own; invitation and name are copied.
 * wake: called from the thread after each step and at the end. -ENOMEM, -EAGAIN.
 */
int enrol_job_start(struct enrol_job **out, const char *invitation, const char *name,
	void (*wake)(void)) MUST_CHECK;

/* The step that is being taken, static; "" none yet. */
const char *enrol_job_step(const struct enrol_job *job);

/* Whether it came to its end. */
bool enrol_job_done(const struct enrol_job *job);

/* Frees a job that is done. */
void enrol_job_take(struct enrol_job *job, struct enroll_result *out);

/*
 * Gives up: returns at once. What runs ends by itself and stores nothing, wakes nobody, and frees
 * itself, which may be after this process's last line: then end with _exit.
 */
void enrol_job_abandon(struct enrol_job *job);
