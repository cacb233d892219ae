/*
 * farseatctl signer: started by farseatd with a channel as descriptor 3. The one process on the
 * service's path that reads the CA's key. It serves the daemon one request after the other:
 * a device's request (bytes of a stranger, read by the crypto module before the key is touched),
 * the registry under its lock, the signature, the answer.
 *
 * An invitation is consumed, on the disk, before anything is signed: whatever happens after, it
 * never works twice.
 */
#include "server/admin/admin.h"
#include "server/admin/issue.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/process.h"
#include "common/crypto/proof.h"
#include "common/ipc/child.h"
#include "common/ipc/dispatch.h"
#include "common/ipc/records_signer.h"
#include "common/ipc/sandbox.h"
#include "server/registry/audit.h"
#include "server/registry/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define SUPERVISOR_FD 3

struct signer_answer {
	uint16_t code; /* enum wire_goodbye_code; 0: signed */
	const char *reason;
	struct crypto_der cert, ca;
	char device[REGISTRY_NAME_MAX_BYTES];
};

static void refuse(struct signer_answer *a, enum wire_goodbye_code code, const char *reason)
{
	a->code = (uint16_t)code;
	a->reason = reason;
}

static void refuse_error(struct signer_answer *a, int error)
{
	/* The daemon logs what has words of its own, with the device that asked. */
	switch (error) {
	case -EEXIST:
		refuse(a, WIRE_BYE_INVITATION,
			"a device of this name was enrolled meanwhile; ask for a new invitation");
		break;
	case -E2BIG:
		refuse(a, WIRE_BYE_BUSY, "the workstation has too many devices");
		break;
	case -ENOENT:
		refuse(a, WIRE_BYE_REFUSED, "this device is not known");
		break;
	case -EKEYEXPIRED:
		refuse(a, WIRE_BYE_EXPIRED, "the device's certificate has expired");
		break;
	case -EBUSY:
		refuse(a, WIRE_BYE_BUSY, REGISTRY_RENEWAL_EARLY);
		break;
	case -EALREADY:
		refuse(a, WIRE_BYE_PROTOCOL, "a renewal needs a new key");
		break;
	default:
		log_error("cannot sign: %s", strerror(-error));
		refuse(a, WIRE_BYE_INTERNAL, "the workstation could not sign; its log says more");
		break;
	}
}

static void keep_answer(
	struct signer_answer *a, const struct issuer *issuer, const struct registry_device *d)
{
	a->ca = issuer->cert;
	memcpy(a->device, d->name, sizeof(a->device));
}

/* The daemon has checked it too: a daemon that was taken over has no use for an invitation. */
static bool is_proven(
	const struct record_sign *in, const struct registry *r, const struct registry_invitation *i)
{
	struct proof_enrolment enrolment = {
		.csr = in->csr.bytes, .csr_len = in->csr.len, .label = in->label
	};
	struct crypto_cert_info info;

	memcpy(enrolment.fingerprint, in->fingerprint, sizeof(enrolment.fingerprint));
	return crypto_cert_info(i->cert.bytes, i->cert.len, &info) == 0 &&
	       proof_verify_enrolment(info.public_key, info.public_key_len, r->server_id, in->nonce,
		       &enrolment, in->proof.bytes, in->proof.len) == 0;
}

static void enroll(const struct record_sign *in, const struct issuer *issuer, struct registry *r,
	const uint8_t *public_key, size_t public_key_len, struct signer_answer *a)
{
	struct registry_invitation *i = registry_find_invitation(r, in->fingerprint);
	struct registry_device *d = NULL;
	char label[LOG_ESCAPED_MAX];

	if (!i || !registry_invitation_pending(i, clock_wall_s())) {
		refuse(a, WIRE_BYE_INVITATION,
			"the invitation was spent, withdrawn or has expired");
		return;
	}
	if (!is_proven(in, r, i)) {
		refuse(a, WIRE_BYE_REFUSED, "the request is not proven by the invitation's key");
		return;
	}
	i->state = REGISTRY_SPENT;
	int result = registry_save(r);
	if (result == 0)
		result = issue_device(issuer, r, i->name, i->caps, in->label, public_key,
			public_key_len, &a->cert, &d);
	if (result == 0)
		result = registry_save(r);
	if (result < 0 || !d) {
		refuse_error(a, result);
		return;
	}
	keep_answer(a, issuer, d);
	audit_write("enrolled", json_pack("{s:s, s:s, s:s, s:s}", "device", d->name, "device_id",
					d->id, "role", registry_role_name(d->caps), "label",
					log_escape(label, in->label, strlen(in->label))));
}

static void renew(const struct record_sign *in, const struct issuer *issuer, struct registry *r,
	const uint8_t *public_key, size_t public_key_len, struct signer_answer *a)
{
	struct registry_device *d = NULL;

	int result =
		issue_renewal(issuer, r, in->fingerprint, public_key, public_key_len, &a->cert, &d);
	if (result == 0)
		result = registry_save(r);
	if (result < 0 || !d) {
		refuse_error(a, result);
		return;
	}
	keep_answer(a, issuer, d);
	audit_write("renewed", json_pack("{s:s, s:s, s:I}", "device", d->name, "device_id", d->id,
				       "expires", (json_int_t)d->key.expires_s));
}

static void sign_locked(const struct record_sign *in, struct registry *r, const uint8_t *public_key,
	size_t public_key_len, struct signer_answer *a)
{
	struct issuer issuer;
	char why[ISSUER_ERROR_MAX_BYTES];

	int result = issuer_open(&issuer);
	if (result < 0) {
		log_error("cannot sign: %s", issuer_error(result, why));
		refuse(a, WIRE_BYE_INTERNAL,
			"the workstation's CA cannot sign; its log says why ('farseatctl status' there, too)");
		return;
	}
	if (in->kind == RECORD_SIGN_ENROLL)
		enroll(in, &issuer, r, public_key, public_key_len, a);
	else
		renew(in, &issuer, r, public_key, public_key_len, a);
	issuer_close(&issuer);
}

static void sign(const struct record_sign *in, struct signer_answer *a)
{
	uint8_t public_key[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	size_t public_key_len = 0;
	char error[REGISTRY_ERROR_MAX_BYTES];
	struct registry registry;
	int lock = -1;

	/* The stranger's bytes first, while no key is in memory. */
	if (crypto_csr_public_key(in->csr.bytes, in->csr.len, public_key, &public_key_len) < 0) {
		refuse(a, WIRE_BYE_PROTOCOL, "the certificate request is not valid");
		return;
	}
	int result = registry_lock(&lock);
	if (result < 0) {
		refuse_error(a, result);
		return;
	}
	if (registry_load(&registry, error) < 0) {
		log_error("%s", error);
		refuse(a, WIRE_BYE_INTERNAL, "the workstation's registry cannot be read");
	} else {
		sign_locked(in, &registry, public_key, public_key_len, a);
		registry_finish(&registry);
	}
	fd_close(&lock);
}

static int serve(void *owner, const void *body, int *fd)
{
	struct ipc_channel *c = owner;
	const struct record_sign *in = body;
	struct signer_record out = { .type = RECORD_SIGNED };
	struct signer_answer a = { 0 };

	(void)fd;
	sign(in, &a);
	out.signed_reply.request = in->request;
	out.signed_reply.code = a.code;
	if (a.code != 0) {
		snprintf(out.signed_reply.reason, sizeof(out.signed_reply.reason), "%s", a.reason);
	} else {
		out.signed_reply.cert =
			(struct record_blob){ .bytes = a.cert.bytes, .len = a.cert.len };
		out.signed_reply.ca = (struct record_blob){ .bytes = a.ca.bytes, .len = a.ca.len };
		memcpy(out.signed_reply.device, a.device, sizeof(a.device));
	}
	int r = signer_record_send(c, &out, -1);
	return r == 0 && ipc_wants_write(c) ? -EPIPE : r; /* a daemon that does not read is gone */
}

static void refuse_record(void *owner, const char *record, const char *what)
{
	(void)owner;
	(void)record;
	log_error("the daemon sent %s", what);
}

static const struct dispatch_rule rules[] = {
	{ RECORD_SIGN, DISPATCH_ALWAYS, serve, 0 },
};

static const struct dispatch dispatch = {
	.records = &signer_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.refuse = refuse_record,
};

static int run(struct ipc_channel *c)
{
	struct signer_record room;

	for (;;) {
		int r = dispatch_next(c, &dispatch, c, &room);
		if (r == -EAGAIN) {
			r = ipc_wait(c, -1);
			if (r == -ETIMEDOUT || r == -EINTR)
				r = 0;
		}
		if (r < 0)
			return r;
	}
}

/* Beyond its own folders and the CA's certificate it needs no file. */
static int confine(void)
{
	char data[PATH_MAX], state[PATH_MAX], config[PATH_MAX], error[CONFIG_ERROR_MAX_BYTES];
	struct settings settings;

	if (path_of(PATH_DATA, NULL, data) < 0 || path_of(PATH_STATE, NULL, state) < 0 ||
		path_of(PATH_CONFIG, NULL, config) < 0)
		return -ENOENT;
	if (settings_read(&settings, NULL, error) < 0) {
		log_error("%s", error);
		return -EINVAL;
	}
	/* A company's CA: its folder, since files are replaced by new ones of the same name. */
	char *slash = strrchr(settings.ca, '/');
	if (slash)
		*slash = '\0';
	const struct sandbox_path paths[] = {
		{ .path = data, .writable = true },
		{ .path = state, .writable = true },
		{ .path = config },
		{ .path = settings.ca[0] == '/' ? settings.ca : config },
		{ .path = "/etc/localtime" },
		{ .path = "/proc/self" },
	};
	tzset(); /* reads /etc/localtime while no rule is in its way */
	int r = process_guard();
	return r < 0 ? r : sandbox_enter_signer(paths, ARRAY_LEN(paths));
}

int admin_run_signer(const struct options *o, void *user)
{
	struct ipc_channel channel;
	int type = 0;
	socklen_t len = sizeof(type);

	(void)user;
	if (getsockopt(SUPERVISOR_FD, SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
		type != SOCK_SEQPACKET)
		return options_wrong(o, "farseatd starts it; it does nothing by itself");
	log_init("farseatctl signer");
	process_set_name("farseatctl");
	int r = fd_set_cloexec(SUPERVISOR_FD, true);
	if (r == 0)
		r = fd_set_nonblock(SUPERVISOR_FD);
	if (r == 0)
		r = confine();
	if (r >= 0)
		r = ipc_channel_init(&channel, SUPERVISOR_FD);
	if (r < 0)
		return admin_fail("the signer cannot start: %s", strerror(-r));
	log_set_sink(ipc_child_log, &channel);
	r = run(&channel);
	log_set_sink(NULL, NULL);
	ipc_channel_finish(&channel);
	return r == -EPIPE ? EXIT_OK : EXIT_FAILED;
}
