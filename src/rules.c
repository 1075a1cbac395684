/* SPDX-License-Identifier: MIT */
#include "muslcheck/verdict.h"

const struct mc_rule_info *mc_rule_info(enum mc_rule rule)
{
	static const struct mc_rule_info infos[MC_RULES_COUNT] = {
		[MC_RULE_UNREADABLE] = {"MC100", "unreadable", "a file that could not be read or is not what it says"},
		[MC_RULE_SYMBOL] = {"MC101", "missing-symbol", "a symbol that nothing on the image defines"},
		[MC_RULE_LIBRARY] = {"MC102", "missing-library", "a library that is not in the image"},
		[MC_RULE_GLIBC_LIBRARY] = {"MC103", "glibc-library", "a library that only glibc has"},
		[MC_RULE_GLIBC_PROGRAM] = {"MC104", "foreign-program", "a program whose loader is not on the image"},
		[MC_RULE_STATIC_TLS] = {"MC105", "static-tls", "initial-exec TLS in a file that is loaded later"},
		[MC_RULE_IFUNC] = {"MC106", "ifunc", "an indirect function, which musl does not have"},
		[MC_RULE_RELR] = {"MC107", "relr", "relative relocations in a form that musl skips before 1.2.4"},
		[MC_RULE_SUFFIX] = {"MC108", "suffix", "an extension module whose name import never looks for"},
		[MC_RULE_MACHINE] = {"MC109", "machine", "a file for another machine"},
		[MC_RULE_PRELOAD] = {"MC110", "preload-by-soname", "a library found only when loaded before under its soname"},
		[MC_RULE_RPATH] = {"MC111", "rpath-token", "an rpath that musl drops for a token it does not know"},
		[MC_RULE_VERSION] = {"MC112", "version-too-new", "a symbol version newer than the image's library"},
		[MC_RULE_EXEC_STACK] = {"MC113", "exec-stack", "a file that asks for an executable stack"},
		[MC_RULE_SHEBANG] = {"MC114", "shebang", "a script for an interpreter that is not in the image"},
		[MC_RULE_RELOC] = {"MC115", "relocation", "a relocation type that musl does not know"},
		[MC_RULE_CRASH] = {"MC116", "loader-crash", "a file at which musl's loader crashes"},
		[MC_RULE_BUILD] = {"MC201", "source-build", "no wheel for the image, only a source archive"},
		[MC_RULE_NOTHING] = {"MC202", "nothing-installable", "nothing that pip could install on the image"},
		[MC_RULE_OTHER_VERSION] = {"MC203", "other-version", "pip would take another version on the image"},
		[MC_RULE_TAG] = {"MC204", "tag-refused", "a wheel that pip does not take on the image"},
		[MC_RULE_TAG_LIES] = {"MC205", "tag-lies", "a tag that promises musl, with glibc objects inside"},
		[MC_RULE_NOT_LOCKED] = {"MC206", "not-locked", "a lock file that has it for other platforms only"},
		[MC_RULE_BY_TAG] = {"MC207", "by-tag", "a wheel that was judged by its tag alone"},
		[MC_RULE_NOT_ASKED] = {"MC208", "not-asked", "what pip would take could not be found out"},
		[MC_RULE_STRERROR_R] = {"MC301", "strerror_r", "GNU strerror_r returns a text, musl's an int"},
		[MC_RULE_REGEXEC] = {"MC302", "regexec", "musl's regmatch_t is larger: memory is overwritten"},
		[MC_RULE_BASENAME] = {"MC303", "basename", "GNU basename keeps its argument, musl's changes it"},
		[MC_RULE_UTMPX] = {"MC304", "utmpx", "struct utmpx has another layout"},
		[MC_RULE_RESOLVER] = {"MC401", "resolver", "names are looked up by musl's resolver"},
		[MC_RULE_USERS] = {"MC402", "users", "users and groups come from files alone"},
		[MC_RULE_LOCALE] = {"MC403", "locale", "a locale's order and formats, which musl does not have"},
		[MC_RULE_STRFTIME] = {"MC404", "strftime", "a directive that musl's strftime() does not know"},
		[MC_RULE_ICONV] = {"MC405", "iconv", "character sets and suffixes that musl's iconv() does not know"},
		[MC_RULE_STACK] = {"MC406", "thread-stack", "threads have small stacks on musl"},
		[MC_RULE_MALLOC] = {"MC407", "malloc", "allocation from many threads is slower on musl"},
		[MC_RULE_DLCLOSE] = {"MC408", "dlclose", "dlclose() unloads nothing on musl"},
		[MC_RULE_FIND_LIBRARY] = {"MC409", "find-library", "ctypes.util.find_library() finds nothing on alpine"},
		[MC_RULE_CTYPES] = {"MC410", "ctypes-library", "a library that ctypes opens and that alpine has not"},
		[MC_RULE_LIBC_NAME] = {"MC411", "libc-name", "the version of glibc is asked for"},
		[MC_RULE_COMMAND] = {"MC412", "command", "a program that alpine has not, or has another of"},
		[MC_RULE_PATH] = {"MC413", "path", "a path that alpine does not have"},
	};

	return &infos[rule];
}

bool mc_rule_is_behaviour(enum mc_rule rule)
{
	return rule >= MC_RULE_RESOLVER;
}

const char *mc_advice_name(enum mc_advice advice)
{
	return advice == MC_ADVICE_ALPINE ? "alpine" : "slim";
}

const char *mc_question_name(enum mc_question question)
{
	return question == MC_QUESTION_COPY ? "copy" : "reinstall";
}

const char *mc_verdict_name(enum mc_verdict verdict)
{
	switch (verdict) {
	case MC_VERDICT_PURE: return "pure";
	case MC_VERDICT_RUNS: return "runs";
	case MC_VERDICT_SWAP: return "swap";
	case MC_VERDICT_NEEDS_PACKAGES: return "needs-packages";
	case MC_VERDICT_TAG_ONLY: return "tag-only";
	case MC_VERDICT_DOWNGRADE: return "downgrade";
	case MC_VERDICT_BUILDS: return "builds";
	case MC_VERDICT_BLOCKED: return "blocked";
	case MC_VERDICT_BREAKS: return "breaks";
	case MC_VERDICT_UNKNOWN: return "unknown";
	case MC_VERDICTS_COUNT: break;
	}
	return "unknown";
}

const char *mc_proof_name(enum mc_proof_kind kind)
{
	static const char *const names[] = {"", "confirmed", "unshown", "contradicted"};

	return names[kind];
}

const char *mc_severity_name(enum mc_severity severity)
{
	switch (severity) {
	case MC_SEVERITY_NOTE: return "note";
	case MC_SEVERITY_WARNING: return "warning";
	case MC_SEVERITY_ERROR: return "error";
	}
	return "error";
}

const char *mc_certainty_name(enum mc_certainty certainty)
{
	switch (certainty) {
	case MC_CERTAINTY_EXACT: return "exact";
	case MC_CERTAINTY_STRONG: return "strong";
	case MC_CERTAINTY_HEURISTIC: return "heuristic";
	}
	return "heuristic";
}

const char *mc_class_name(enum mc_class name_class)
{
	switch (name_class) {
	case MC_CLASS_NONE: return "";
	case MC_CLASS_ARTEFACT: return "artefact";
	case MC_CLASS_INTERNAL: return "internal";
	case MC_CLASS_GNU_API: return "gnu-api";
	case MC_CLASS_PACKAGE: return "package";
	}
	return "";
}
