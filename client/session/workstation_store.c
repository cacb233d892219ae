/* A workstation's folder as a whole: made, renewed, renamed and removed in one step. */
#include "client/session/workstation_files.h"

#include "common/base/file.h"
#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define STORED_MAX_BYTES 16384 /* key, certificates, workstation.conf: more than they take */

/* Every file of a folder: what may be removed with it. */
static const char *const files[] = { "workstation.conf", "device.key", "device.crt", "ca.crt",
	"session.tls" };

/* Removes a folder of ours: the files it may hold, then itself. */
static int remove_folder(const char *folder)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		int n = snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		if (n < 0 || (size_t)n >= sizeof(path))
			return -ENAMETOOLONG;
		int r = file_remove(path);
		if (r < 0)
			return r;
	}
	return dir_remove(folder);
}

static int write_folder(const struct workstation *w, const struct crypto_key *key,
	const struct crypto_der *cert, const struct crypto_der *ca, const char *folder)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/device.key", folder) >= PATH_MAX)
		return -ENAMETOOLONG;
	int r = crypto_key_to_file(key, path);
	if (r < 0)
		return r;
	if (snprintf(path, sizeof(path), "%s/device.crt", folder) >= PATH_MAX)
		return -ENAMETOOLONG;
	r = crypto_cert_to_file(cert, path, 0600);
	if (r < 0)
		return r;
	if (snprintf(path, sizeof(path), "%s/ca.crt", folder) >= PATH_MAX)
		return -ENAMETOOLONG;
	r = crypto_cert_to_file(ca, path, 0600);
	if (r < 0)
		return r;
	return workstation_write_conf(w, folder);
}

/* Puts fresh in the place of folder; the old one, if any, is kept aside until the new one stands.
 */
static int put_in_place(const char *fresh, const char *folder, bool replace)
{
	int r = dir_put(fresh, folder, replace);

	return r == 1 ? remove_folder(fresh) : r; /* now the old one */
}

int workstation_store(const struct workstation *w, const struct crypto_key *key,
	const struct crypto_der *cert, const struct crypto_der *ca, bool replace)
{
	char folder[PATH_MAX], all[PATH_MAX], fresh[PATH_MAX];

	if (!workstation_name_valid(w->name))
		return -EINVAL;
	int r = workstation_path(w->name, NULL, folder);
	if (r == 0)
		r = path_of(PATH_DATA, WORKSTATION_FOLDER, all);
	if (r == 0)
		r = dir_make(all, 0700);
	if (r < 0)
		return r;
	if (!replace && file_is_there(folder))
		return -EEXIST;
	if (snprintf(fresh, sizeof(fresh), "%s/.new-XXXXXX", all) >= PATH_MAX)
		return -ENAMETOOLONG;
	r = dir_make_fresh(fresh);
	if (r < 0)
		return r;
	r = write_folder(w, key, cert, ca, fresh);
	if (r == 0)
		r = put_in_place(fresh, folder, replace);
	if (r < 0 && remove_folder(fresh) < 0)
		return r; /* nothing reads a folder of that name */
	return r;
}

int workstation_try_store(void)
{
	static const uint8_t nothing[STORED_MAX_BYTES];
	char all[PATH_MAX], trial[PATH_MAX];
	int r = path_of(PATH_DATA, WORKSTATION_FOLDER, all);

	if (r == 0)
		r = dir_make(all, 0700);
	if (r == 0 && snprintf(trial, sizeof(trial), "%s/.trial", all) >= PATH_MAX)
		r = -ENAMETOOLONG;
	if (r == 0)
		r = file_replace(trial, nothing, sizeof(nothing), 0600);
	if (r == 0)
		r = file_remove(trial);
	return r;
}

int workstation_store_renewed(
	const struct workstation *w, const struct crypto_key *key, const struct crypto_der *cert)
{
	char path[PATH_MAX];
	const char *why;
	struct workstation kept;
	struct crypto_der ca;

	/* As it stands now: the caller's may be from before `farseat set`, or from a command line. */
	int r = workstation_load(w->name, &kept, &why);
	if (r == 0)
		r = workstation_path(w->name, "ca.crt", path);
	if (r == 0)
		r = crypto_cert_from_file(path, &ca);
	if (r < 0)
		return r;
	return workstation_store(&kept, key, cert, &ca, true);
}

int workstation_rename(const char *name, const char *to)
{
	char from[PATH_MAX], path[PATH_MAX];
	int64_t seen_s = workstation_last_seen(name);

	if (!workstation_name_valid(name) || !workstation_name_valid(to))
		return -EINVAL;
	int r = workstation_path(name, NULL, from);
	if (r == 0)
		r = workstation_path(to, NULL, path);
	if (r == 0)
		r = dir_put(from, path, false);
	if (r < 0)
		return r;
	/* When it was seen last only orders lists: a failure loses nothing. */
	if (seen_s > 0 &&
		(workstation_store_last_seen(to, seen_s) < 0 || workstation_forget_seen(name) < 0))
		log_debug("when %s was last seen is not known any more", to);
	return 0;
}

int workstation_remove(const char *name)
{
	char path[PATH_MAX];

	if (!workstation_name_valid(name))
		return -ENOENT;
	if (workstation_forget_seen(name) < 0)
		log_debug("when %s was last seen was not removed", name);
	int r = workstation_path(name, NULL, path);
	return r < 0 ? r : remove_folder(path);
}
