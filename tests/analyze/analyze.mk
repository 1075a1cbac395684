# SPDX-License-Identifier: MIT
# Included by the Makefile: what other tools see in the sources.  See tests/run-analyze.

## analyze: gcc -fanalyzer, clang-tidy and cppcheck; fails on anything new (gcc, clang-tidy, cppcheck)
.PHONY: analyze
analyze: all
	tests/run-analyze $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS)
