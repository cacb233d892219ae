/* farseatctl init: the workstation's own identity. */
#include "server/admin/admin.h"
#include "server/admin/issue.h"
#include "server/admin/port.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/file.h"
#include "common/crypto/random.h"
#include "server/registry/audit.h"
#include "server/registry/identity.h"
#include "server/registry/settings.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* 48 bits: server ids are told apart within one company and show in the clear as SNI, so they say
 * nothing about the machine. */
#define SERVER_ID_RANDOM_BYTES 6

/* A name such as people and DNS use. */
static bool workstation_name_valid(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len >= CRYPTO_NAME_MAX_BYTES || name[0] == '-' || name[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr(".-_", name[i]))
			return false;
	return true;
}

static int choose_names(const struct options *o, struct registry *r)
{
	const char *name = options_value(o, "name");
	uint8_t random[SERVER_ID_RANDOM_BYTES];

	if (name && !workstation_name_valid(name))
		return options_wrong(o, "'%s' is not a name: letters, digits, '.', '-', '_'", name);
	if (name) {
		snprintf(r->workstation, sizeof(r->workstation), "%s", name);
	} else if (gethostname(r->workstation, sizeof(r->workstation) - 1) < 0 ||
		   !workstation_name_valid(r->workstation)) {
		snprintf(r->workstation, sizeof(r->workstation), "workstation");
	}
	if (crypto_random(random, sizeof(random)) < 0)
		return admin_fail("the kernel gives no random numbers");
	int at = snprintf(r->server_id, sizeof(r->server_id), "ws-");
	for (size_t i = 0; i < sizeof(random); i++)
		at += snprintf(
			r->server_id + at, sizeof(r->server_id) - (size_t)at, "%02x", random[i]);
	return EXIT_OK;
}

/* Makes the folder that path stands in. */
static int make_folder_of(const char *path)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s", path);
	char *slash = strrchr(folder, '/');
	if (!slash || slash == folder)
		return 0;
	*slash = '\0';
	return dir_make(folder, 0700);
}

static int data_path(const char *name, char out[static PATH_MAX])
{
	int r = path_of(PATH_DATA, name, out);

	return r < 0 ? r : make_folder_of(out);
}

static int make_folders(void)
{
	char path[PATH_MAX];

	int r = path_of(PATH_DATA, NULL, path);
	if (r == 0)
		r = dir_make(path, 0700);
	if (r == 0)
		r = registry_path(path);
	if (r == 0)
		r = make_folder_of(path);
	if (r == 0)
		r = audit_folder(path);
	return r < 0 ? r : dir_make(path, 0700);
}

/* The key that stands at path; or a new one, written there. An earlier attempt that ended half way
 * may have left it. */
static int key_at(const char *path, struct crypto_key **out)
{
	struct crypto_key *key = NULL;

	int r = crypto_key_from_file(out, path, NULL);
	if (r != -ENOENT)
		return r;
	r = crypto_key_generate(&key);
	if (r == 0)
		r = crypto_key_to_file(key, path);
	if (r < 0) {
		crypto_key_destroy(key);
		return r;
	}
	*out = key;
	return 0;
}

/* The CA: its key is made first, then its certificate; both stay for ever. */
static int make_ca(const struct registry *r, struct issuer *out)
{
	char key_path[PATH_MAX], cert_path[PATH_MAX], name[CRYPTO_NAME_MAX_BYTES];

	int result = data_path(IDENTITY_CA_KEY, key_path);
	if (result == 0)
		result = data_path(IDENTITY_CA, cert_path);
	if (result == 0)
		result = key_at(key_path, &out->key);
	if (result < 0)
		return result;
	result = crypto_cert_from_file(cert_path, &out->cert);
	if (result != -ENOENT)
		return result;
	snprintf(name, sizeof(name), "Farseat CA %s", r->server_id);
	result = crypto_ca_create(out->key, name, &out->cert);
	if (result == 0)
		result = crypto_cert_to_file(&out->cert, cert_path, 0644);
	return result;
}

static int make_server(const struct registry *r, const struct issuer *issuer)
{
	char key_path[PATH_MAX], cert_path[PATH_MAX];
	struct crypto_key *key = NULL;
	struct crypto_der cert;

	int result = data_path(IDENTITY_KEY, key_path);
	if (result == 0)
		result = data_path(IDENTITY_CERT, cert_path);
	if (result == 0)
		result = key_at(key_path, &key);
	if (result == 0)
		result = issue_server(issuer, r->server_id, key, &cert);
	if (result == 0)
		result = crypto_cert_to_file(&cert, cert_path, 0644);
	crypto_key_destroy(key);
	return result;
}

static int make_config(char path[static PATH_MAX])
{
	int r = path_of(PATH_CONFIG, "farseat.conf", path);

	if (r == 0)
		r = make_folder_of(path);
	if (r < 0 || access(path, F_OK) == 0)
		return r;
	return file_replace(path, settings_sample, strlen(settings_sample), 0644);
}

/* The registry is written last: where it stands, everything else does. */
static int make_identity(struct registry *r, struct crypto_cert_info *ca)
{
	struct issuer issuer = { 0 };

	int result = make_ca(r, &issuer);
	if (result == 0)
		result = make_server(r, &issuer);
	if (result == 0)
		result = crypto_cert_info(issuer.cert.bytes, issuer.cert.len, ca);
	if (result == 0)
		result = registry_save(r);
	issuer_close(&issuer);
	return result;
}

static bool is_by_root(void)
{
	return geteuid() == 0 && !getenv("FARSEAT_HOME");
}

/* Root's is the machine's screen, a person's their own session. */
static const char *next_step(void)
{
	if (is_by_root())
		return "  systemctl enable --now farseatd    share this machine's screen, from its start on\n";
	return "  farseatd &                         share what is on this screen (or: farseatd --virtual 1920x1080)\n"
	       "  systemctl --user enable --now farseatd.socket    or start it with the first laptop that comes\n";
}

static void say_port(uint16_t port)
{
	printf("Another user's program listens on port %d of this machine: farseatd is to listen on port %u instead (listen= in farseat.conf).\n",
		INVITATION_DEFAULT_PORT, (unsigned)port);
}

/* made: the identity; else it was there. */
static int report(const struct options *o, const struct registry *r,
	const struct crypto_cert_info *ca, const char *config, bool made)
{
	char hash[CRYPTO_FINGERPRINT_HEX_BYTES];
	uint16_t port;
	bool chosen;

	int result = port_settle(&port, &chosen);
	if (result < 0)
		return admin_fail(
			"another user's program listens on port %u of this machine, and no other port could be chosen: %s",
			(unsigned)port, strerror(-result));
	crypto_fingerprint_hex(ca->public_key_hash, hash);
	if (admin_wants_json(o))
		return json_output_print(json_pack("{s:b, s:b, s:s, s:s, s:s, s:s, s:i}", "changed",
			made || chosen, "already", !made, "server_id", r->server_id, "workstation",
			r->workstation, "ca_key_sha256", hash, "config", config, "port",
			(int)port));
	if (chosen)
		say_port(port);
	if (!made) {
		printf("This workstation is %s, server id %s, already%s.\n", r->workstation,
			r->server_id, chosen ? "" : "; nothing was changed");
		if (chosen && !is_by_root())
			puts("Where the socket unit runs: systemctl --user daemon-reload; systemctl --user restart farseatd.socket");
		return EXIT_OK;
	}
	printf("This workstation is %s, server id %s.\n"
	       "Its certificate authority's key: SHA-256 %s\n"
	       "Configuration: %s\n\n"
	       "Next:\n%s"
	       "  farseatctl invite my-laptop        and carry the line that it prints to the laptop\n",
		r->workstation, r->server_id, hash, config, next_step());
	return EXIT_OK;
}

/* What is there is said as if it had just been made, unless another name is asked for. */
static int report_present(const struct options *o, const struct registry *r)
{
	char error[CONFIG_ERROR_MAX_BYTES], config[PATH_MAX];
	const char *name = options_value(o, "name");
	struct crypto_cert_info ca;
	struct crypto_der cert;
	struct settings settings;

	if (name && strcmp(name, r->workstation) != 0)
		return admin_fail(
			"this workstation has an identity already, by the name %s; nothing was changed",
			r->workstation);
	if (settings_read(&settings, NULL, error) < 0 || identity_ca(&settings, &cert, error) < 0)
		return admin_fail("%s", error);
	if (crypto_cert_info(cert.bytes, cert.len, &ca) < 0 ||
		path_of(PATH_CONFIG, "farseat.conf", config) < 0)
		return admin_fail("the CA's certificate cannot be read");
	return report(o, r, &ca, config, false);
}

static int second(const struct options *o)
{
	struct registry r;
	char error[REGISTRY_ERROR_MAX_BYTES];

	if (registry_load(&r, error) < 0)
		return admin_fail("%s", error);
	int status = report_present(o, &r);
	registry_finish(&r);
	return status;
}

/* What was made so far stays: nothing was signed with it for anybody, and the next init goes on
 * with it. */
static int refuse_to_finish(int result)
{
	char folder[PATH_MAX];

	if (result == -ENOENT || path_of(PATH_DATA, NULL, folder) < 0)
		return admin_fail(
			"cannot make the identity: %s (are HOME and XDG_RUNTIME_DIR set?)",
			strerror(-result));
	return admin_fail(
		"cannot make the identity in %s: %s; when that is mended, farseatctl init again goes on from here",
		folder, strerror(-result));
}

int admin_run_init(const struct options *o, void *user)
{
	struct registry r = { 0 };
	struct crypto_cert_info ca;
	char path[PATH_MAX], config[PATH_MAX];
	int lock = -1;

	(void)user;
	int status = choose_names(o, &r);
	if (status != EXIT_OK)
		return status;
	int result = make_folders();
	if (result == 0)
		result = registry_path(path);
	if (result == 0)
		result = registry_lock(&lock);
	if (result == 0 && access(path, F_OK) == 0) {
		fd_close(&lock);
		return second(o);
	}
	if (result == 0)
		result = make_config(config);
	if (result == 0)
		result = make_identity(&r, &ca);
	fd_close(&lock);
	if (result < 0)
		return refuse_to_finish(result);
	admin_audit("init", json_pack("{s:s}", "server_id", r.server_id));
	return report(o, &r, &ca, config, true);
}
