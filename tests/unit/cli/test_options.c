/* Command lines: what is right, and what ends in usage. */
#include "tests/unit/cmocka_first.h"

#include "common/cli/completion.h"
#include "common/cli/nearest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct option_spec connect_options[] = {
	{ "via", 'J', "HOST", "jump host" },
	{ "stats", 0, NULL, "show figures" },
	{ 0 },
};
static const struct option_spec all_options[] = {
	{ "json", 'j', NULL, "machine-readable" },
	{ 0 },
};

static int run_connect(const struct options *o, void *user)
{
	*(const char **)user = o->arguments[0];
	return 7;
}

static const struct command_spec commands[] = {
	{ .name = "connect",
		.arguments = "NAME",
		.arguments_min = 1,
		.arguments_max = 1,
		.help = "opens",
		.options = connect_options,
		.run = run_connect },
	{ .name = "help", .arguments = "[COMMAND]", .arguments_max = 1, .run = options_run_help },
	{ .name = "list", .arguments = "", .help = "lists", .hidden = true, .run = run_connect },
	{ 0 },
};
static const struct alias_spec aliases[] = { { "konnect", "connect" }, { 0 } };
static const struct program_spec with_commands = { .name = "farseat",
	.help = "test",
	.options = all_options,
	.commands = commands,
	.fallback = "connect",
	.aliases = aliases };
static const struct program_spec strict = {
	.name = "farseatctl", .help = "test", .options = all_options, .commands = commands
};
static const struct program_spec plain = { .name = "farseatd",
	.help = "test",
	.options = connect_options,
	.arguments = "[FILE]",
	.arguments_max = 1 };

static struct options o;

/* Words after the program's name, divided by blanks. */
static int parse(const struct program_spec *program, const char *words)
{
	static char text[256], *argv[300];
	int argc = 0;

	snprintf(text, sizeof(text), "%s", words);
	argv[argc++] = text + sizeof(text) - 1;
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	return options_parse(program, argc, argv, &o);
}

static void test_commands(void **state)
{
	(void)state;
	assert_int_equal(parse(&with_commands, "connect pc"), 0);
	assert_string_equal(o.command->name, "connect");
	assert_string_equal(o.arguments[0], "pc");
	assert_int_equal(parse(&with_commands, "pc --stats"), 0); /* the fallback */
	assert_string_equal(o.command->name, "connect");
	assert_string_equal(o.arguments[0], "pc");
	assert_true(options_flag(&o, "stats"));
	assert_int_equal(parse(&with_commands, ""), 0);
	assert_null(o.command);
	assert_int_equal(parse(&with_commands, "list"), 0);
	assert_int_equal(parse(&plain, "file"), 0);
	assert_null(o.command);
	assert_string_equal(o.arguments[0], "file");
	assert_null(o.arguments[1]);
}

static void test_options(void **state)
{
	static const char *const ways[] = { "connect --via a pc", "connect --via=a pc",
		"connect -J a pc", "connect -Ja pc", "connect pc --via a",
		"connect pc --via b --via a", "--json connect pc -J a" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		assert_int_equal(parse(&with_commands, ways[i]), 0);
		assert_string_equal(options_value(&o, "via"), "a");
		assert_int_equal(o.argument_count, 1);
		assert_string_equal(o.arguments[0], "pc");
	}
	assert_true(options_flag(&o, "json"));
	assert_false(options_flag(&o, "stats"));
	assert_null(options_value(&o, "stats"));
	assert_int_equal(parse(&with_commands, "connect --via= pc"), 0);
	assert_string_equal(options_value(&o, "via"), "");
	assert_int_equal(parse(&with_commands, "connect -- --stats"), 0);
	assert_string_equal(o.arguments[0], "--stats");
	assert_int_equal(parse(&with_commands, "connect -"), 0);
	assert_string_equal(o.arguments[0], "-");
}

static void test_wrong_usage(void **state)
{
	static const char *const wrong[] = { "connect", "connect a b", "connect --none pc",
		"connect pc --via", "connect pc -J", "connect pc --stats=1", "connect pc -x",
		"connect pc -jx", "--via a connect pc", "list --via a", "list pc",
		"connect --vi a pc", "connect --viaa a pc", "connect pc --=" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (parse(&strict, wrong[i]) != -EINVAL)
			fail_msg("'%s' was taken", wrong[i]);
	assert_int_equal(parse(&strict, "conect pc"), -EINVAL);        /* no fallback: no guess */
	assert_int_equal(parse(&with_commands, "conect pc"), -EINVAL); /* no name, but a slip */
	assert_int_equal(parse(&plain, "a b"), -EINVAL);
}

static void test_help(void **state)
{
	(void)state;
	assert_int_equal(parse(&strict, "--help"), 1);
	assert_int_equal(parse(&strict, "connect -h"), 1); /* though an argument is missing */
	assert_int_equal(parse(&strict, "--version"), 1);
	assert_int_equal(parse(&plain, "-V"), 1);
	/* What it prints is tried with the shells themselves: tests/unit/docs. */
	assert_int_equal(parse(&strict, "--completion bash"), 1);
	assert_int_equal(parse(&plain, "--completion=fish"), 1);
	assert_int_equal(parse(&plain, "--completion tcsh"), -EINVAL);
	assert_int_equal(parse(&plain, "--completion"), -EINVAL);
}

static void test_other_spelling(void **state)
{
	(void)state;
	assert_int_equal(parse(&with_commands, "konnect pc --stats"), 0);
	assert_string_equal(o.command->name, "connect");
	assert_string_equal(o.arguments[0], "pc");
	assert_false(o.by_fallback);
}

static void test_help_command(void **state)
{
	(void)state;
	assert_int_equal(parse(&strict, "help connect"), 0);
	assert_int_equal(o.command->run(&o, NULL), EXIT_OK);
	assert_int_equal(parse(&strict, "help"), 0);
	assert_int_equal(o.command->run(&o, NULL), EXIT_OK);
	assert_int_equal(parse(&strict, "help conect"), 0);
	assert_int_equal(o.command->run(&o, NULL), EXIT_USAGE);
	assert_int_equal(parse(&strict, "help connect list"), -EINVAL);
}

static const char *nearest_to(const char *word)
{
	static const char *const offered[] = { "connect", "list", "list-all", "log", "remove" };
	struct nearest n;

	nearest_init(&n, word, strlen(word));
	for (size_t i = 0; i < ARRAY_LEN(offered); i++)
		nearest_offer(&n, offered[i]);
	return n.best ? n.best : "";
}

static void test_did_you_mean(void **state)
{
	static char longer[200];

	(void)state;
	assert_string_equal(nearest_to("conect"), "connect");
	assert_string_equal(nearest_to("cnonect"), "connect"); /* neighbours swapped */
	assert_string_equal(nearest_to("lst"), "list");
	assert_string_equal(nearest_to("lits"), "list");
	assert_string_equal(nearest_to("remov"), "remove");
	assert_string_equal(nearest_to("office"), ""); /* a name, no slip */
	assert_string_equal(nearest_to("l"), "");
	assert_string_equal(nearest_to(""), "");
	memset(longer, 'l', sizeof(longer) - 1);
	assert_string_equal(nearest_to(longer), "");
	assert_string_equal(options_nearest_command(&strict, "conect"), "connect");
	assert_null(options_nearest_command(&strict, "lits")); /* hidden ones are not told of */
	assert_null(options_nearest_command(&plain, "connect"));
}

static void test_completion_values(void **state)
{
	static const struct {
		const char *placeholder;
		enum completion_kind kind;
		const char *text;
	} values[] = {
		{ "control|view", COMPLETION_WORDS, "control view" },
		{ "fit|1:1|auto", COMPLETION_WORDS, "fit 1:1 auto" },
		{ "FILE.png", COMPLETION_FILES, "" },
		{ "DIR", COMPLETION_FOLDERS, "" },
		{ "CMD", COMPLETION_COMMANDS, "" },
		{ "WxH", COMPLETION_NOTHING, "" },
		{ "NAME", COMPLETION_NOTHING, "" }, /* as a value: a new one */
		{ "", COMPLETION_NOTHING, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		const struct completion_value v = completion_value_of(values[i].placeholder);
		assert_int_equal(v.kind, values[i].kind);
		assert_string_equal(v.text, values[i].text);
	}
}

static void test_completion_arguments(void **state)
{
	static const struct names_spec names[] = { { "open", "list" }, { 0 } };
	struct program_spec p = with_commands;
	struct command_spec c = { .name = "open" };
	struct completion_value v;

	(void)state;
	p.names = names;
	c.arguments = "--csr FILE NAME [yes|no] [FILE...]";
	assert_true(completion_argument(&p, &c, 0, &v));
	assert_int_equal(v.kind, COMPLETION_NAMES);
	assert_string_equal(v.text, "list");
	assert_true(completion_argument(&p, &c, 1, &v));
	assert_string_equal(v.text, "yes no");
	assert_false(v.repeats);
	assert_true(completion_argument(&p, &c, 2, &v));
	assert_int_equal(v.kind, COMPLETION_FILES);
	assert_true(v.repeats);
	assert_false(completion_argument(&p, &c, 3, &v));
	c.name = "other"; /* another command's NAME */
	assert_true(completion_argument(&p, &c, 0, &v));
	assert_int_equal(v.kind, COMPLETION_NOTHING);
	c.arguments = "FILE | NAME DIR"; /* the first way to write it */
	assert_true(completion_argument(&p, &c, 0, &v));
	assert_int_equal(v.kind, COMPLETION_FILES);
	assert_false(completion_argument(&p, &c, 1, &v));
	c.arguments = "";
	assert_false(completion_argument(&p, &c, 0, &v));
}

static void test_too_much(void **state)
{
	static char text[OPTIONS_VALUES_MAX * 3 + 32] = "connect pc";

	(void)state;
	for (int i = 0; i < OPTIONS_VALUES_MAX; i++)
		strcat(text, " -j");
	assert_int_equal(parse(&strict, text), 0);
	strcat(text, " -j");
	assert_int_equal(parse(&strict, text), -EINVAL);

	static char word[] = "x", *argv[OPTIONS_ARGUMENTS_MAX + 4];
	for (size_t i = 0; i < ARRAY_LEN(argv); i++)
		argv[i] = word;
	assert_int_equal(options_parse(&plain, OPTIONS_ARGUMENTS_MAX + 3, argv, &o), -EINVAL);
}

static void test_main(void **state)
{
	static char program[] = "p", word[] = "connect", name[] = "pc", wrong[] = "--none";
	char *argv[] = { program, word, name, NULL };
	const char *seen = NULL;

	(void)state;
	assert_int_equal(options_main(&strict, 3, argv, &seen, NULL), 7);
	assert_string_equal(seen, "pc");
	assert_int_equal(options_main(&strict, 1, argv, &seen, NULL), EXIT_USAGE);
	argv[1] = wrong;
	assert_int_equal(options_main(&strict, 3, argv, &seen, NULL), EXIT_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_wrong_usage),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_other_spelling),
		cmocka_unit_test(test_help_command),
		cmocka_unit_test(test_did_you_mean),
		cmocka_unit_test(test_completion_values),
		cmocka_unit_test(test_completion_arguments),
		cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_main),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
