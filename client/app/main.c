/*
 * farseat: the client's program. The person's own process on the laptop, unconfined; what comes
 * from the other end it sees only as pixels and checked records of farseat-link.
 */
#include "client/app/commands.h"
#include "common/base/log.h"
#include "common/base/process.h"
#include "common/base/standard.h"
#include "common/crypto/random.h"

#include <locale.h>

#define TIMEOUT                                                                                    \
	{                                                                                          \
		"timeout", 0, "SECONDS", "give up after so long (20)"                              \
	}

#define WAY                                                                                           \
	{ "via", 0, "USER@JUMP[:PORT],...", "through SSH jump hosts" },                               \
		{ "via-command", 0, "CMD",                                                            \
			"through a command, such as 'ssh -W %h:%p JUMP'; none: not the stored one" }, \
	{                                                                                             \
		"proxy", 0, "URL",                                                                    \
			"through http://[USER:PASSWORD@]HOST:PORT or socks5://...; none: no proxy"    \
	}

static const struct option_spec connect_options[] = {
	{ "fullscreen", 'f', NULL, "fill the display; the session gets every shortcut but ours" },
	{ "view-only", 0, NULL, "send no input" },
	{ "size", 0, "WxH", "size of the window (the session's, as far as it fits)" },
	{ "scale", 0, "fit|1:1|auto",
		"auto: smaller to fit, else sharp whole factors; 1:1 pans (auto)" },
	{ "keys", 0, "layout|physical",
		"physical: keys by their position, for games and virtual machines (layout)" },
	{ "clipboard", 0, "both|to|from|off",
		"which way copy and paste work: to the workstation, from it (both)" },
	{ "sound", 0, "on|off", "whether the session is heard here (on)" },
	{ "stats", 0, NULL, "show rates and delays" },
	{ "render", 0, "auto|software|gpu", "how to draw (auto)" },
	WAY,
	{ 0 },
};
static const struct option_spec enroll_options[] = {
	{ "name", 'n', "NAME", "what to call the workstation here (its own name)" },
	{ "through-ssh", 0, NULL, "with ssh://: connect through this login from now on, too" },
	{ "farseatctl", 0, "CMD", "with ssh://: what to run there (farseatctl)" },
	WAY,
	{ 0 },
};
static const struct option_spec everywhere[] = {
	{ "json", 'j', NULL, "print the result as JSON, for programs" },
	{ 0 },
};
static const struct option_spec timeout_options[] = {
	TIMEOUT,
	WAY,
	{ 0 },
};
static const struct option_spec wait_options[] = {
	{ "still", 0, NULL, "until the picture is exact and has not changed for half a second" },
	{ "changed", 0, NULL, "until the picture changes" },
	TIMEOUT,
	WAY,
	{ 0 },
};
static const struct option_spec copy_options[] = {
	{ "recursive", 'r', NULL, "copy folders with all that is in them" },
	{ "links", 'P', NULL,
		"copy symbolic links as links; without this they are skipped, and named" },
	{ "force", 'f', NULL, "replace files that are there" },
	TIMEOUT,
	WAY,
	{ 0 },
};
static const struct option_spec doctor_options[] = {
	{ "exact", 0, NULL,
		"also wait until the picture here equals the workstation's, bit for bit" },
	TIMEOUT,
	WAY,
	{ 0 },
};

static const struct command_spec commands[] = {
	{ .name = "connect",
		.arguments = "NAME",
		.arguments_min = 1,
		.arguments_max = 1,
		.help = "open the session in a window (also: farseat NAME)",
		.more = "In the window: Ctrl+Alt+M opens the menu, Ctrl+Alt+Enter switches full screen,\n"
			"Ctrl+Alt+G says who gets shortcuts such as Alt+Tab. A broken link is joined again by itself.",
		.options = connect_options,
		.run = command_connect },
	{ .name = "enroll",
		.arguments = "INVITATION | ssh://[USER@]HOST[:PORT]",
		.arguments_min = 1,
		.arguments_max = 1,
		.help = "enrol this laptop, by an invitation (farseat://...) or over SSH",
		.more = "The invitation comes from 'farseatctl invite NAME' on the workstation and works once. As '-' it is read from\n"
			"standard input, so that no other user of this machine can see it. This laptop's key is made here and never leaves.\n\n"
			"With ssh:// it logs in there (with your ~/.ssh/config, known_hosts, agent and keys) and runs 'farseatctl sign';\n"
			"only a certificate request goes out. --via names SSH hosts on the way.",
		.options = enroll_options,
		.run = command_enroll },
	{ .name = "open",
		.arguments = "[INVITATION]",
		.arguments_max = 1,
		.help = "open the list of workstations; with an invitation, ask whether to enrol",
		.more = "This is what a click on a farseat:// link runs: the window says where the invitation leads, and waits.",
		.run = command_open },
	{ .name = "list",
		.arguments = "",
		.help = "list the known workstations",
		.run = command_list },
	{ .name = "set",
		.arguments = "NAME [KEY [VALUE]]",
		.arguments_min = 1,
		.arguments_max = 3,
		.help = "show or change the settings of a workstation",
		.more = "name NAME                       what it is called here\n"
			"address HOST[:PORT]             where it is (7420)\n"
			"via USER@JUMP[:PORT],...|none   through SSH jump hosts\n"
			"via_command CMD|none            through a command, with %h and %p\n"
			"proxy URL|none|default          through a proxy; none: not even the environment's\n"
			"scale auto|fit|1:1              see 'connect --scale'\n"
			"fullscreen yes|no               whether its window fills the display\n"
			"keys layout|physical            see 'connect --keys'\n"
			"clipboard both|to|from|off      see 'connect --clipboard'\n"
			"sound on|off                    see 'connect --sound'\n\n"
			"Only one of via, via_command and proxy is kept: the new one replaces another.",
		.run = command_set },
	{ .name = "remove",
		.arguments = "NAME",
		.arguments_min = 1,
		.arguments_max = 1,
		.help = "forget a workstation, with key and certificate",
		.run = command_remove },
	{ .name = "renew",
		.arguments = "NAME",
		.arguments_min = 1,
		.arguments_max = 1,
		.help = "renew this laptop's certificate with a new key, now",
		.options = timeout_options,
		.run = command_renew },
	{ .name = "screenshot",
		.arguments = "NAME FILE.png",
		.arguments_min = 2,
		.arguments_max = 2,
		.help = "save one exact picture, without a window ('-': to standard output)",
		.options = timeout_options,
		.run = command_screenshot },
	{ .name = "type",
		.arguments = "NAME TEXT",
		.arguments_min = 2,
		.arguments_max = 2,
		.help = "type text into the session ('-': from standard input)",
		.more = "With '-' no other user of this machine can see the text, a password for instance. All of standard\n"
			"input is typed, its last line end too: printf %s TEXT | farseat type NAME -",
		.options = timeout_options,
		.run = command_type },
	{ .name = "key",
		.arguments = "NAME CHORD",
		.arguments_min = 2,
		.arguments_max = 2,
		.help = "press keys together: ctrl+alt+t, Return, F5",
		.options = timeout_options,
		.run = command_key },
	{ .name = "click",
		.arguments = "NAME X Y [BUTTON]",
		.arguments_min = 3,
		.arguments_max = 4,
		.help = "click at a pixel of the session; 1 left, 2 middle, 3 right",
		.options = timeout_options,
		.run = command_click },
	{ .name = "wait",
		.arguments = "NAME",
		.arguments_min = 1,
		.arguments_max = 1,
		.help = "wait until the picture stands still, or changes",
		.options = wait_options,
		.run = command_wait },
	{ .name = "cp",
		.arguments = "SRC... DST",
		.arguments_min = 2,
		.arguments_max = OPTIONS_ARGUMENTS_MAX,
		.help = "copy files to a workstation, or from one: NAME:PATH",
		.more = "PATH begins in the workstation's folder of copies (~/Farseat); / and ~ lead to other folders that are open to copies.\n"
			"'-' as SRC is standard input, as DST standard output. A copy that broke off goes on where it stopped when\n"
			"the same command is run again. Files that are there already stay, unless --force.",
		.options = copy_options,
		.run = command_copy },
	{ .name = "sftp",
		.arguments = "NAME",
		.arguments_min = 1,
		.arguments_max = 1,
		.help = "serve the workstation's files to programs that speak SFTP",
		.more = "SFTP on standard input and output, for sftp and sshfs among others:\n"
			"  sftp -D 'farseat sftp NAME'\n"
			"  socat EXEC:'farseat sftp NAME' EXEC:'sshfs -f -o passive \\:Farseat FOLDER'\n"
			"Paths begin in the workstation's folder of copies (~/Farseat), and lead nowhere but to what is open to copies.",
		.options = timeout_options,
		.run = command_sftp },
	{ .name = "doctor",
		.arguments = "NAME",
		.arguments_min = 1,
		.arguments_max = 1,
		.help = "check every step of the way, with its time, and say how to mend what fails",
		.options = doctor_options,
		.run = command_doctor },
	{ .name = "help",
		.arguments = "[COMMAND]",
		.arguments_max = 1,
		.help = "show the help of a command",
		.run = options_run_help },
	{ 0 },
};

/* Every NAME is a known workstation; what an enrolment is to be called is a new one. */
static const struct names_spec names[] = {
	{ NULL, "list" },
	{ 0 },
};

/* Our own texts write "enrol". */
static const struct alias_spec aliases[] = {
	{ "enrol", "enroll" },
	{ 0 },
};

static const struct program_spec program = {
	.name = "farseat",
	.help = "your office session, from wherever you are",
	.more = "Without a command: a window with the known workstations.\n\n"
		"Exit status: 0 success, 1 failure, 2 wrong usage, 3 the other end refused us.",
	.options = everywhere,
	.commands = commands,
	.fallback = "connect",
	.names = names,
	.aliases = aliases,
};

int main(int argc, char **argv)
{
	if (standard_open() < 0)
		return EXIT_FAILED;
	setlocale(LC_ALL, ""); /* input methods and dates */
	setlocale(LC_NUMERIC, "C");
	log_init("farseat");
	/* It reads this laptop's keys. */
	if (process_guard() < 0 || crypto_init() < 0) {
		log_error("the kernel gives no random numbers, or refuses to guard this process");
		return EXIT_FAILED;
	}
	int status = options_main(&program, argc, argv, NULL, command_launcher);
	crypto_finish();
	return standard_close(status);
}
