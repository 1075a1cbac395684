# Included by the Makefile: wheels for pip, with a static program in them.  See docs/installing.md.
WHEEL := build/wheel
WHEEL_MACHINES ?= x86_64 aarch64
WHEEL_LIBS := -lcurl -lmbedtls -lmbedx509 -lmbedcrypto -larchive -lzip -lelf -ljansson -ldeflate -lz -lbz2 -llzma -lzstd -lc++

## wheel: wheels for pip that run on glibc and on musl, into build/wheel/dist (network)
.PHONY: wheel
wheel:
	packaging/wheel/build_libs $(WHEEL) $(WHEEL_MACHINES)
	@set -e; for machine in $(WHEEL_MACHINES); do \
		folder=$(CURDIR)/$(WHEEL)/$$machine; \
		$(MAKE) CONFIG=release BUILD=$(WHEEL)/$$machine/build LATE= PKGS= LIBS='$(WHEEL_LIBS)' \
			CC=$$folder/bin/cc CXX=$$folder/bin/c++ AR=$$folder/bin/ar CPPFLAGS="-isystem $$folder/include" \
			CFLAGS='-g0 -ffunction-sections -fdata-sections' CXXFLAGS='-g0 -ffunction-sections -fdata-sections' \
			LDFLAGS="-static -pie -s -L$$folder/lib -Wl,--gc-sections,--build-id=sha1" all; \
		packaging/wheel/pack $(WHEEL)/$$machine/build/muslcheck $$machine $(WHEEL)/$$machine/licenses $(WHEEL)/dist; \
	done

## wheel-check: those wheels in clean environments: pip, both machines, TLS, types, the cases (network)
.PHONY: wheel-check
wheel-check: all
	packaging/wheel/test_wheel $(WHEEL) $(BUILD)/muslcheck

## wheel-reproducible: make them again in another folder, compare the bytes (network)
.PHONY: wheel-reproducible
wheel-reproducible:
	packaging/wheel/test_reproducible $(WHEEL)/dist
