# Targets of the oracle: muslcheck against the real musl loader.  See docs/oracle.md.

.PHONY: oracle oracle-small oracle-tools

## oracle: compare with the real loaders: whole corpus, aarch64, rare cases
oracle: all oracle-tools
	probe/oracle --group full --group aarch64 --group other --cases $(ORACLE_FLAGS)

## oracle-small: the part of it that CI runs
oracle-small: all oracle-tools
	probe/oracle --group small --cases --arch x86_64 $(ORACLE_FLAGS)

# what the oracle calls; installed with apt-get where we may
ORACLE_COMMANDS := clang ld.lld unshare mount qemu-aarch64-static dpkg-deb
ORACLE_PACKAGES := clang lld util-linux mount qemu-user-static dpkg python3-pip

oracle-tools:
	@missing=; for c in $(ORACLE_COMMANDS); do \
		command -v $$c >/dev/null || missing="$$missing $$c"; done; \
	python3 -m pip --version >/dev/null 2>&1 || missing="$$missing pip"; \
	if test -n "$$missing"; then \
		echo "oracle: not here:$$missing"; \
		if test "$$(id -u)" != 0; then \
			echo "oracle: as root: apt-get install $(ORACLE_PACKAGES)"; exit 1; fi; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq $(ORACLE_PACKAGES) >/dev/null; \
	fi
