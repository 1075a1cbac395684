#!/bin/sh
# hosts.sh - nothing in git names a package index, a mirror or a folder of one's own machine.
# Whoever builds this has an index of their own: pip and apt know it, we do not.
set -eu
cd "$(dirname "$0")/../.."
git rev-parse --git-dir >/dev/null 2>&1 || exit 0 # a tarball
# Brackets keep this file from finding itself.
hosts='pypi[.]org|pythonhosted[.]org|test[.]pypi|(deb|ftp|security|snapshot|archive)[.][a-z.]*debian[.]org'
hosts="$hosts"'|dl-cdn[.]|alpinelinux[.]org/alpine|proxy[.]golang|crates[.]io|npmjs[.]org|quay[.]io|ghcr[.]io'
hosts="$hosts"'|registry-1[.]|anaconda[.]org|--(extra-)?index-url[= ]http|https?://[0-9]+[.]|https?://localhost'
paths='(^|[^a-zA-Z0-9_.])/(wor[k]|roo[t]|hom[e]/[a-z]+)/'
if git grep -nIE "$hosts" -- . ':!probe/tables'; then
	echo 'lint: no index or mirror is named here; leave it to the configuration of pip and apt' >&2
	exit 1
fi
if git grep -nIE "$paths" -- . ':!probe/tables'; then
	echo 'lint: no path of one machine; use relative ones' >&2
	exit 1
fi
