#!/bin/sh
# binaries.sh - all that is in git is text: test files are built from sources, wheels are fetched.
set -eu
cd "$(dirname "$0")/../.."
git rev-parse --git-dir >/dev/null 2>&1 || exit 0 # a tarball
# Numbers of lines, and "-" for what git takes for binary, against the empty tree.
found=$(git diff --numstat "$(git hash-object -t tree /dev/null)" -- . | awk -F '\t' '$1 == "-" { print $3 }')
if [ -n "$found" ]; then
	printf '%s\n' "$found" >&2
	echo 'lint: no binaries in git' >&2
	exit 1
fi
