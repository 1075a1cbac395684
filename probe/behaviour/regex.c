/* SPDX-License-Identifier: MIT */
/*
 * Which regular expressions regcomp() takes, and what they match.
 *
 * Python's re is its own, but extensions in C (databases' drivers, SWIG wrappers, libmagic,
 * glib-free parsers) call regcomp(): GNU's \w, \b, \s and the like are less known on musl.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <regex.h>
#include "measure.h"

static void measure_match(int flags, const char *pattern, const char *text)
{
	regex_t regex;
	regmatch_t match[3];
	char name[160], error[120];
	int status;

	snprintf(name, sizeof(name), "%s%s \"%s\" in \"%s\"",
		 flags & REG_EXTENDED ? "extended" : "basic",
		 flags & REG_ICASE ? ", ignoring case," : "", pattern, text);
	status = regcomp(&regex, pattern, flags);
	if (status) {
		regerror(status, NULL, error, sizeof(error));
		result(name, "error: %s", error);
		return;
	}
	status = regexec(&regex, text, 3, match, 0);
	if (status) {
		regerror(status, &regex, error, sizeof(error));
		result(name, "%s", error);
	} else if (regex.re_nsub && match[1].rm_so >= 0) {
		result(name, "match %d-%d, group 1 %d-%d", (int)match[0].rm_so, (int)match[0].rm_eo,
		       (int)match[1].rm_so, (int)match[1].rm_eo);
	} else {
		result(name, "match %d-%d", (int)match[0].rm_so, (int)match[0].rm_eo);
	}
	regfree(&regex);
}

int main(void)
{
	static const char *const basic[][2] = {
		{"ab\\+", "xabbb"},    {"ab\\?c", "xac"}, {"a\\|b", "xb"}, {"\\<foo\\>", "a foo b"},
		{"\\(a\\)\\1", "xaa"}, {"\\w", " a"},     {"*a", "*a"},    {"a\\{,3\\}", "aaaa"},
		{"\\(*a\\)", "*a"},    {"^*a", "*a"},     {"a\\{1", "a"},  {"a**", "aaa"},
		{"\\`a", "ab"},
	};
	static const char *const extended[][2] = {
		{"\\bfoo\\b", "a foo b"},
		{"\\Boo", "foo"},
		{"\\w+", " foo_1 "},
		{"\\W", "a b"},
		{"\\s", "a b"},
		{"\\S+", " ab "},
		{"\\d", "d1"},
		{"[\\d]", "d\\"},
		{"[\\w]", "w\\"},
		{"[[:<:]]foo", "a foo"},
		{"\\<foo", "a foo"},
		{"(a)\\1", "xaa"},
		{"(a)(b)\\2", "xabb"},
		{"a||b", "b"},
		{"(|a)b", "ab"},
		{"|a", "a"},
		{"()a", "a"},
		{"a{,3}", "aaaa"},
		{"a{2}{3}", "aaaaaa"},
		{"a{", "a{"},
		{"{1}", "{1}"},
		{"*a", "*a"},
		{"a**", "aaa"},
		{"a+?", "aaa"},
		{"(?:a)", "a"},
		{"a)", "a)"},
		{"(a", "a"},
		{"[a", "a"},
		{"a\\", "a"},
		{"^*", "*"},
		{"a|*b", "*b"},
		{"[[.hyphen.]]", "-"},
		{"[[.-.]]", "-"},
		{"[[=a=]]", "a"},
		{"[b-a]", "a"},
		{"a{1,40000}", "a"},
		{"a{1,300}", "a"},
		{"[[:foo:]]", "a"},
		{"\\n", "n"},
		{"\\t", "t"},
		{"\\x41", "A"},
		{"\\.", "a."},
		{"\\-", "-"},
		{"\\'", "a"},
		{"(a*)*", "b"},
		{"(a|ab)(c|bcd)(d*)", "abcd"},
		{"[^a]", "\n"},
		{".", "\303\251"},
		{"^.$", "\303\251"},
	};
	regex_t regex;
	regmatch_t match[1];
	size_t i;
	int status;

	for (i = 0; i < sizeof(basic) / sizeof(basic[0]); i++)
		measure_match(0, basic[i][0], basic[i][1]);
	for (i = 0; i < sizeof(extended) / sizeof(extended[0]); i++)
		measure_match(REG_EXTENDED, extended[i][0], extended[i][1]);
	measure_match(REG_EXTENDED | REG_ICASE, "[a-c]X", "Bx");
#ifdef REG_STARTEND
	regcomp(&regex, "b", REG_EXTENDED);
	match[0].rm_so = 2;
	match[0].rm_eo = 4;
	status = regexec(&regex, "abxbx", 1, match, REG_STARTEND);
	result("REG_STARTEND", "there, match at %d", status ? -1 : (int)match[0].rm_so);
	regfree(&regex);
#else
	result("REG_STARTEND", "not in the headers");
#endif
	/* What a program compiled with glibc's headers asks: 4 is REG_STARTEND there.  */
	regcomp(&regex, "b", REG_EXTENDED);
	match[0].rm_so = 2;
	match[0].rm_eo = 4;
	status = regexec(&regex, "abxbx", 1, match, 4);
	result("regexec with eflags 4 (glibc's REG_STARTEND), text from byte 2 on", "match at %d",
	       status ? -1 : (int)match[0].rm_so);
	regfree(&regex);
	result("re_search (GNU's own functions)", "%s",
	       dlsym(RTLD_DEFAULT, "re_search") ? "there" : "not there");
	result("re_comp", "%s", dlsym(RTLD_DEFAULT, "re_comp") ? "there" : "not there");
	return measured("regex");
}
