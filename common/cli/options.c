#include "common/cli/options.h"

#include "common/cli/complaint.h"
#include "common/cli/completion.h"
#include "common/cli/json_output.h"
#include "common/cli/nearest.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HELP_COLUMN 30
/* A command with its arguments, an option with its value. */
#define HELP_LEFT_MAX_BYTES 160

const struct option_spec options_standard[] = {
	{ "help", 'h', NULL, "show this help" },
	{ "version", 'V', NULL, "show the version" },
	{ 0 },
};
/* For the build, which installs what it prints: in no list. */
static const struct option_spec hidden[] = {
	{ "completion", 0, "bash|zsh|fish", "print what that shell completes" },
	{ 0 },
};

static const struct option_spec *find_in(
	const struct option_spec *list, const char *name, size_t len, char letter)
{
	for (; list && list->name; list++)
		if (name ? strlen(list->name) == len && strncmp(list->name, name, len) == 0
			 : list->letter == letter)
			return list;
	return NULL;
}

static const struct option_spec *find(
	const struct options *o, const char *name, size_t len, char letter)
{
	const struct option_spec *found = find_in(options_standard, name, len, letter);

	if (!found && name)
		found = find_in(hidden, name, len, 0);
	if (!found && o->command)
		found = find_in(o->command->options, name, len, letter);
	return found ? found : find_in(o->program->options, name, len, letter);
}

static const struct command_spec *find_command(const struct program_spec *program, const char *name)
{
	for (const struct alias_spec *a = program->aliases; a && a->alias; a++)
		if (strcmp(a->alias, name) == 0)
			name = a->name;
	for (const struct command_spec *c = program->commands; c && c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

const char *options_nearest_command(const struct program_spec *program, const char *word)
{
	struct nearest n;

	nearest_init(&n, word, strlen(word));
	for (const struct command_spec *c = program->commands; c && c->name; c++)
		if (!c->hidden)
			nearest_offer(&n, c->name);
	return n.best;
}

static void print_help_hint(const struct options *o)
{
	fprintf(stderr, "See '%s%s%s --help'.\n", o->program->name, o->command ? " " : "",
		o->command ? o->command->name : "");
}

int options_wrong(const struct options *o, const char *format, ...)
{
	char *message;
	va_list args;

	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		message = NULL;
	va_end(args);
	const char *said = message ? message : "there is no memory left";
	bool question = said[0] && said[strlen(said) - 1] == '?';
	fprintf(stderr, "%s%s%s: %s%s\n", o->program->name, o->command ? " " : "",
		o->command ? o->command->name : "", said, question ? "" : ".");
	complaint_keep(said);
	free(message);
	print_help_hint(o);
	return EXIT_USAGE;
}

static int wrong_command(const struct options *o, const char *word)
{
	const char *nearest = options_nearest_command(o->program, word);

	if (nearest)
		options_wrong(o, "there is no command '%s'. Did you mean '%s'?", word, nearest);
	else
		options_wrong(o, "there is no command '%s'", word);
	return -EINVAL;
}

static void offer_options(struct nearest *n, const struct option_spec *list)
{
	for (; list && list->name; list++)
		nearest_offer(n, list->name);
}

static int wrong_option(const struct options *o, const char *name, size_t len)
{
	struct nearest n;

	nearest_init(&n, name, len);
	offer_options(&n, o->command ? o->command->options : NULL);
	offer_options(&n, o->program->options);
	offer_options(&n, options_standard);
	if (n.best)
		options_wrong(
			o, "there is no option --%.*s. Did you mean --%s?", (int)len, name, n.best);
	else
		options_wrong(o, "there is no option --%.*s", (int)len, name);
	return -EINVAL;
}

/* Two columns; what is too long for the first one stands on a line of its own. */
static void print_row(const char *left, const char *help)
{
	if (strlen(left) < HELP_COLUMN)
		printf("%-*s %s\n", HELP_COLUMN, left, help);
	else
		printf("%s\n%*s %s\n", left, HELP_COLUMN, "", help);
}

static void print_options(const char *title, const struct option_spec *list)
{
	if (!list || !list->name)
		return;
	printf("\n%s:\n", title);
	for (; list->name; list++) {
		char left[HELP_LEFT_MAX_BYTES];
		char letter[8] = "    ";
		if (list->letter)
			snprintf(letter, sizeof(letter), "-%c, ", list->letter);
		snprintf(left, sizeof(left), "  %s--%s%s%s", letter, list->name,
			list->value ? " " : "", list->value ? list->value : "");
		print_row(left, list->help);
	}
}

/* The end of the usage line. */
static void print_arguments(const char *arguments)
{
	printf("%s%s\n", *arguments ? " " : "", arguments);
}

static void print_program(const struct program_spec *p)
{
	printf("%s - %s\n\nUsage: %s %s[OPTIONS]", p->name, p->help, p->name,
		p->commands ? "COMMAND " : "");
	print_arguments(p->commands ? "[ARGUMENTS]" : p->arguments);
	if (p->commands) {
		puts("\nCommands:");
		for (const struct command_spec *c = p->commands; c->name; c++) {
			char left[HELP_LEFT_MAX_BYTES];
			if (c->hidden)
				continue;
			snprintf(left, sizeof(left), "  %s %s", c->name, c->arguments);
			print_row(left, c->help);
		}
	}
	print_options("Options", p->options);
	print_options("Always", options_standard);
	if (p->more)
		printf("\n%s\n", p->more);
}

void options_help(const struct options *o)
{
	const struct command_spec *c = o->command;

	if (!c) {
		print_program(o->program);
		return;
	}
	printf("%s %s - %s\n\nUsage: %s %s [OPTIONS]", o->program->name, c->name, c->help,
		o->program->name, c->name);
	print_arguments(c->arguments);
	print_options("Options", c->options);
	print_options("Options of every command", o->program->options);
	if (c->more)
		printf("\n%s\n", c->more);
}

/* Takes one option at argv[*at]; advances *at past a value that stands apart. */
static int take_long(struct options *o, int argc, char **argv, int *at,
	const struct option_spec **spec, const char **value)
{
	const char *name = argv[*at] + 2;
	size_t len = strcspn(name, "=");

	*spec = find(o, name, len, 0);
	if (!*spec)
		return wrong_option(o, name, len);
	*value = name[len] == '=' ? name + len + 1 : NULL;
	if (!(*spec)->value && *value) {
		options_wrong(o, "--%s takes no value", (*spec)->name);
		return -EINVAL;
	}
	if ((*spec)->value && !*value && *at + 1 < argc)
		*value = argv[++*at];
	return 0;
}

static int take_short(struct options *o, int argc, char **argv, int *at,
	const struct option_spec **spec, const char **value)
{
	const char *word = argv[*at];

	*spec = find(o, NULL, 0, word[1]);
	if (!*spec || (!(*spec)->value && word[2] != '\0')) {
		options_wrong(o, "there is no option %s", word);
		return -EINVAL;
	}
	*value = word[2] != '\0' ? word + 2 : NULL;
	if ((*spec)->value && !*value && *at + 1 < argc)
		*value = argv[++*at];
	return 0;
}

static int take_option(struct options *o, int argc, char **argv, int *at)
{
	const struct option_spec *spec = NULL;
	const char *value = NULL;
	int r = argv[*at][1] == '-' ? take_long(o, argc, argv, at, &spec, &value)
				    : take_short(o, argc, argv, at, &spec, &value);

	if (r < 0)
		return r;
	if (spec->value && !value) {
		options_wrong(o, "--%s needs a value: %s", spec->name, spec->value);
		return -EINVAL;
	}
	if (o->given_count == OPTIONS_VALUES_MAX) {
		options_wrong(o, "too many options");
		return -EINVAL;
	}
	o->given[o->given_count].spec = spec;
	o->given[o->given_count++].value = value ? value : "";
	return 0;
}

/* The first word names the command, or is the first argument of the fallback. */
static int take_command(struct options *o, const char *word, bool *is_argument)
{
	const struct program_spec *p = o->program;

	*is_argument = false;
	o->command = find_command(p, word);
	if (o->command)
		return 0;
	if (p->fallback) {
		o->command = find_command(p, p->fallback);
		o->by_fallback = true;
		*is_argument = true;
		return 0;
	}
	return wrong_command(o, word);
}

static int check_count(struct options *o)
{
	const struct command_spec *c = o->command;
	int min = c ? c->arguments_min : o->program->arguments_min;
	int max = c ? c->arguments_max : o->program->arguments_max;

	if (!c && o->program->commands)
		return 0;
	if (o->argument_count > max && o->by_fallback) {
		/* Rather a command that was mistyped than a name with too much behind it. */
		o->command = NULL;
		return wrong_command(o, o->arguments[0]);
	}
	if (o->argument_count > max && max == 0) {
		options_wrong(o, c ? "this command takes no arguments" : "it takes no arguments");
		return -EINVAL;
	}
	if (o->argument_count < min || o->argument_count > max) {
		options_wrong(o,
			o->argument_count < min ? "an argument is missing; the command takes: %s"
						: "too many arguments; the command takes: %s",
			c ? c->arguments : o->program->arguments);
		return -EINVAL;
	}
	return 0;
}

/* What every program does with its own tables. 1: it was asked for that, and it is done; 0: it was
 * not; -EINVAL: wrong. */
static int answer_standard(const struct options *o)
{
	const char *shell = options_value(o, "completion");

	if (options_flag(o, "help")) {
		options_help(o);
		return 1;
	}
	if (options_flag(o, "version")) {
		printf("%s %s\n", o->program->name, FARSEAT_VERSION);
		return 1;
	}
	if (!shell)
		return 0;
	if (completion_print(o->program, shell) < 0) {
		options_wrong(
			o, "there is no completion for '%s', only for bash, zsh and fish", shell);
		return -EINVAL;
	}
	return 1;
}

int options_parse(const struct program_spec *program, int argc, char **argv, struct options *out)
{
	struct options *o = out;
	bool only_arguments = false;
	bool wants_command = program->commands != NULL;

	*o = (struct options){ .program = program };
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];
		if (!only_arguments && strcmp(word, "--") == 0) {
			only_arguments = true;
			continue;
		}
		if (!only_arguments && word[0] == '-' && word[1] != '\0') {
			int r = take_option(o, argc, argv, &i);
			if (r < 0)
				return r;
			continue;
		}
		bool is_argument = true;
		if (wants_command) {
			wants_command = false;
			int r = take_command(o, word, &is_argument);
			if (r < 0)
				return r;
		}
		if (!is_argument)
			continue;
		if (o->argument_count == OPTIONS_ARGUMENTS_MAX) {
			options_wrong(o, "too many arguments");
			return -EINVAL;
		}
		o->arguments[o->argument_count++] = word;
	}
	int answered = answer_standard(o);
	return answered != 0 ? answered : check_count(o);
}

const char *options_value(const struct options *o, const char *name)
{
	for (int i = o->given_count - 1; i >= 0; i--)
		if (strcmp(o->given[i].spec->name, name) == 0)
			return o->given[i].value;
	return NULL;
}

bool options_flag(const struct options *o, const char *name)
{
	return options_value(o, name) != NULL;
}

int options_run_help(const struct options *o, void *user)
{
	struct options about = { .program = o->program };

	(void)user;
	if (o->argument_count > 0) {
		about.command = find_command(o->program, o->arguments[0]);
		if (!about.command) {
			wrong_command(&about, o->arguments[0]);
			return EXIT_USAGE;
		}
	}
	options_help(&about);
	json_output_leave_out(); /* it is for people */
	return EXIT_OK;
}

static int run(
	const struct options *o, void *user, int (*none)(const struct options *o, void *user))
{
	if (o->command)
		return o->command->run(o, user);
	return none ? none(o, user) : options_wrong(o, "no command was given");
}

/* Of a command line that could not be parsed. */
static bool asks_for_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0 || strcmp(argv[i], "-j") == 0)
			return true;
	return false;
}

int options_main(const struct program_spec *program, int argc, char **argv, void *user,
	int (*none)(const struct options *o, void *user))
{
	struct options o;
	int r = options_parse(program, argc, argv, &o);

	if (r > 0)
		return EXIT_OK;
	int status = r < 0 ? EXIT_USAGE : run(&o, user, none);
	bool json = r < 0 ? asks_for_json(argc, argv) : options_flag(&o, "json");
	return json ? json_output_end(status) : status;
}
