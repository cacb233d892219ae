#include "client/window/enrol_job.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* The second of thread and launcher to leave RUNNING frees. */
enum state { RUNNING, DONE, ABANDONED };

struct enrol_job {
	pthread_t thread;
	char invitation[INVITATION_TEXT_MAX_BYTES]; /* a secret: wiped */
	char name[WORKSTATION_NAME_MAX_BYTES];
	struct enroll_result result;
	void (*wake)(void);
	_Atomic(const char *) step; /* static texts */
	_Atomic(enum state) state;
};

static void destroy(struct enrol_job *job)
{
	secure_wipe(job->invitation, sizeof(job->invitation));
	free(job);
}

static bool on_progress(void *user, const char *what)
{
	struct enrol_job *job = user;

	atomic_store(&job->step, what);
	if (atomic_load(&job->state) == ABANDONED)
		return false;
	job->wake();
	return true;
}

static void *enrol_thread(void *user)
{
	struct enrol_job *job = user;
	void (*wake)(void) = job->wake;
	enum state running = RUNNING;

	enroll_run(job->invitation, job->name[0] ? job->name : NULL, NULL, NULL, on_progress, job,
		&job->result);
	if (atomic_compare_exchange_strong(&job->state, &running, DONE))
		wake(); /* the job may be gone from here on */
	else
		destroy(job);
	return NULL;
}

int enrol_job_start(
	struct enrol_job **out, const char *invitation, const char *name, void (*wake)(void))
{
	struct enrol_job *job = calloc(1, sizeof(*job));

	if (!job)
		return -ENOMEM;
	snprintf(job->invitation, sizeof(job->invitation), "%s", invitation);
	snprintf(job->name, sizeof(job->name), "%s", name);
	job->wake = wake;
	atomic_store(&job->step, "");
	int error = pthread_create(&job->thread, NULL, enrol_thread, job);
	if (error) {
		destroy(job);
		return -error;
	}
	*out = job;
	return 0;
}

const char *enrol_job_step(const struct enrol_job *job)
{
	return atomic_load(&job->step);
}

bool enrol_job_done(const struct enrol_job *job)
{
	return atomic_load(&job->state) == DONE;
}

void enrol_job_take(struct enrol_job *job, struct enroll_result *out)
{
	pthread_join(job->thread, NULL);
	*out = job->result;
	destroy(job);
}

void enrol_job_abandon(struct enrol_job *job)
{
	enum state running = RUNNING;

	pthread_detach(job->thread);
	if (!atomic_compare_exchange_strong(&job->state, &running, ABANDONED))
		destroy(job); /* it ended in the same moment */
}
