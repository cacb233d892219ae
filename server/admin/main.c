/*
 * farseatctl: administers the workstation. Runs as the user that farseatd runs as (or root),
 * changes the registry under its lock, and tells the daemon. Exit status: enum exit_status.
 */
#include "server/admin/admin.h"

#include "common/base/log.h"
#include "common/base/standard.h"
#include "common/crypto/random.h"

#include <signal.h>
#include <sys/stat.h>

static const struct option_spec everywhere[] = {
	{ "json", 'j', NULL, "print the result as JSON, for programs" },
	{ 0 },
};
static const struct option_spec init_options[] = {
	{ "name", 'n', "NAME", "what laptops call this workstation (default: its host name)" },
	{ "if-missing", 'i', NULL,
		"for scripts: says that an identity that is there stays (it always does)" },
	{ 0 },
};
#define SYSTEM                                                                                     \
	{                                                                                          \
		"system", 0, NULL, "ask the system's farseatd (for members of its admin_group)"    \
	}
static const struct option_spec read_options[] = {
	SYSTEM,
	{ 0 },
};
static const struct option_spec status_options[] = {
	{ "processes", 'p', NULL, "farseatd's processes, how each is confined, what it holds" },
	SYSTEM,
	{ 0 },
};
static const struct option_spec clients_options[] = {
	{ "all", 'a', NULL, "also those that are revoked" },
	SYSTEM,
	{ 0 },
};
static const struct option_spec all_options[] = {
	{ "all", 'a', NULL, "also what is over: spent, withdrawn, expired" },
	{ 0 },
};
static const struct option_spec invite_options[] = {
	{ "role", 'r', "control|view", "what the device may do (default: control)" },
	{ "expires", 'e', "TIME", "how long the invitation is valid: 30m, 24h, 7d (default: 24h)" },
	{ "address", 'a', "HOST[:PORT]", "where the laptop reaches this workstation" },
	{ 0 },
};
static const struct option_spec gateway_options[] = {
	{ "address", 'a', "HOST[:PORT]", "where the gateway reaches this workstation" },
	{ 0 },
};
static const struct option_spec tunnel_options[] = {
	{ "fingerprint", 'f', "SHA256:...",
		"with init: accept this host key without asking, and no other" },
	{ 0 },
};
static const struct option_spec sign_options[] = {
	{ "csr", 'c', "FILE", "the certificate request, PEM or DER; - is standard input" },
	{ "name", 'n', "NAME", "what to call the device (default: laptop-...)" },
	{ "role", 'r', "control|view", "what the device may do (default: control)" },
	{ 0 },
};
static const struct option_spec restore_options[] = {
	{ "yes", 'y', NULL, "really do it; without this it only shows" },
	{ 0 },
};
static const struct option_spec log_options[] = {
	{ "follow", 'f', NULL, "keep running and show what happens" },
	{ "since", 's', "TIME",
		"only what happened since then: 2h, 7d, 2026-11-24, '2026-11-24 13:05'" },
	SYSTEM,
	{ 0 },
};

static const struct command_spec commands[] = {
	{ "init", "", 0, 0, "make this workstation's identity",
		"Makes the certificate authority, the server's certificate, the registry and a sample configuration.\n"
		"Where an identity is there already, it stays as it is, and is shown; another --name is refused.",
		init_options, false, admin_run_init },
	{ "status", "", 0, 0, "show who this workstation is and whether farseatd is running",
		"Exit status 1 when farseatd is not running, or a process is not confined as it must be.",
		status_options, false, admin_run_status },
	{ "invite", "NAME", 1, 1, "invite a device to enrol",
		"Prints the invitation, one line, on standard output. It works once; 'farseat enroll' on the laptop takes it.",
		invite_options, false, admin_run_invite },
	{ "invitations", "", 0, 0, "list invitations that can still be used", NULL, all_options,
		false, admin_run_invitations },
	{ "withdraw", "NAME", 1, 1, "take an invitation back", NULL, NULL, false,
		admin_run_withdraw },
	{ "sign", "--csr FILE", 0, 0, "enrol a device by its certificate request",
		"Prints the device's certificate and the CA's, PEM, on standard output.",
		sign_options, false, admin_run_sign },
	{ "clients", "", 0, 0, "list enrolled devices", NULL, clients_options, false,
		admin_run_clients },
	{ "role", "NAME control|view", 2, 2,
		"change what a device may do, also while it is connected", NULL, NULL, false,
		admin_run_role },
	{ "caps", "NAME [+CAP|-CAP...]", 1, 17, "show or change single capabilities of a device",
		"Capabilities: see, input, clipboard-in, clipboard-out, sound, files-in, files-out, resize.\n"
		"To take one away write '--' before the name: farseatctl caps -- my-laptop -input +files-in",
		NULL, false, admin_run_caps },
	{ "revoke", "NAME", 1, 1, "shut a device out for ever; its sessions end at once", NULL,
		NULL, false, admin_run_revoke },
	{ "sessions", "", 0, 0, "list who is connected", NULL, read_options, false,
		admin_run_sessions },
	{ "disconnect", "ID", 1, 1, "end a session", NULL, NULL, false, admin_run_disconnect },
	{ "log", "", 0, 0, "show who came, who was refused and what was changed", NULL, log_options,
		false, admin_run_log },
	{ "renew", "", 0, 0, "renew the server's certificate", NULL, NULL, false, admin_run_renew },
	{ "gateway", "haproxy", 1, 1, "print this workstation's entries for a gateway",
		"For HAProxy's configuration: it routes by the name that the laptop asks for, and decrypts nothing.",
		gateway_options, false, admin_run_gateway },
	{ "tunnel", "init [USER@HOST[:PORT]] | authorized-key | connect", 1, 2,
		"prepare the reverse tunnel to a relay",
		"For a workstation that cannot be reached from outside. init makes the tunnel's key, shows the relay's host key and records it;\n"
		"authorized-key prints the line that lets the tunnel in at the relay, on standard output; connect makes farseatd read\n"
		"[tunnel] of its configuration again and try at once. Whether it works: farseatctl status.",
		tunnel_options, false, admin_run_tunnel },
	{ "restore", "[FILE]", 0, 1, "take over a registry from a backup",
		"FILE is the backup's registry; without it, a registry that was put back in its usual place. Lists what differs from the\n"
		"one that this workstation had last. What was revoked since stays revoked. Changes nothing without --yes.",
		restore_options, false, admin_run_restore },
	{ "config", "check [FILE]", 1, 2, "check the configuration", NULL, NULL, false,
		admin_run_config },
	{ "help", "[COMMAND]", 0, 1, "show the help of a command", NULL, NULL, false,
		options_run_help },
	{ "signer", "", 0, 0, "sign for farseatd, which starts it", NULL, NULL, true,
		admin_run_signer },
	{ 0 },
};

/* invite names a new device. */
static const struct names_spec names[] = {
	{ "withdraw", "invitations" },
	{ "role", "clients" },
	{ "caps", "clients" },
	{ "revoke", "clients" },
	{ 0 },
};

static const struct words_spec words[] = {
	{ "tunnel", 0, "init authorized-key connect" },
	{ "caps", 1,
		"+see -see +input -input +clipboard-in -clipboard-in +clipboard-out -clipboard-out "
		"+sound -sound +files-in -files-in +files-out -files-out +resize -resize" },
	{ 0 },
};

static const struct program_spec program = {
	.name = "farseatctl",
	.help = "administers this Farseat workstation",
	.more = "Exit status: 0 success, 1 failure, 2 wrong usage, 3 the relay's host key is not to be trusted.\n"
		"FARSEAT_HOME=DIR puts all files under one folder.",
	.options = everywhere,
	.commands = commands,
	.names = names,
	.words = words,
};

int main(int argc, char **argv)
{
	if (standard_open() < 0)
		return EXIT_FAILED;
	log_init("farseatctl");
	umask(077); /* whatever a file's own mode says, it is never wider */
	signal(SIGPIPE, SIG_IGN);
	if (crypto_init() < 0)
		return admin_fail("the kernel gives no random numbers");
	int status = options_main(&program, argc, argv, NULL, NULL);
	crypto_finish();
	return standard_close(status);
}
