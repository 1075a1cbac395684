#!/bin/sh
# SPDX-License-Identifier: MIT
# manual.sh - muslcheck.toml(5) has the keys that src/waivers.c takes, and no others; docs/waivers.md names them.
set -eu
cd "$(dirname "$0")/../.."
taken=$(grep -oE '\{MC_STR\("[a-z-]+"\), &(waiver|settings)->' src/waivers.c | sed 's/.*("\(.*\)").*/\1/' | sort)
told=$(sed -n 's/^\.It Cm //p' packaging/muslcheck.toml.5 | tr -d '\\' | sort)
fail=0
if [ -z "$taken" ] || [ "$taken" != "$told" ]; then
	echo "lint: the keys of src/waivers.c and of packaging/muslcheck.toml.5 differ:" >&2
	printf '%s\n---\n%s\n' "$taken" "$told" >&2
	fail=1
fi
for key in $taken; do
	grep -qE "\`$key\`|^$key = " docs/waivers.md || {
		echo "lint: docs/waivers.md does not name $key" >&2
		fail=1
	}
done
exit $fail
