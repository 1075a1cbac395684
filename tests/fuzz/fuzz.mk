# SPDX-License-Identifier: MIT
# Included by the Makefile: fuzzing.  See tests/fuzz/README.md.
FUZZ_NAMES   := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SECONDS ?= 60
FUZZ_SEEDS   := build/fuzz/seeds/stamp

# CONFIG=fuzz: all sources watched by libFuzzer, ASan and UBSan.
ifeq ($(CONFIG),fuzz)
CC  := clang
CXX := clang++
CFLAGS_fuzz := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize=function -fno-sanitize-recover=all
endif

$(FUZZ_SEEDS): tests/fuzz/make-seeds tests/fuzz/seeds_elf.c tests/unit/tiny_elf.h \
		$(wildcard tests/unit/test_*.c tests/cases/*.case tests/fixtures/*/* tests/fixtures/*/*/*)
	@echo '  GEN  build/fuzz/seeds'
	$(Q)tests/fuzz/make-seeds build/fuzz/seeds
	@touch $@

FUZZ_SHARED := $(BUILD)/tests/fuzz/fuzz.o $(BUILD)/tests/fuzz/mutate.o

$(BUILD)/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(FUZZ_SHARED) $(BUILD)/libmuslcheck.a
	@mkdir -p $(@D)
	@echo '  LD   $@'
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/fuzz/replay_%: $(BUILD)/tests/fuzz/fuzz_%.o $(FUZZ_SHARED) $(BUILD)/tests/fuzz/replay.o \
		$(BUILD)/libmuslcheck.a
	@mkdir -p $(@D)
	@echo '  LD   $@'
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

## fuzz-NAME: fuzz one parser for FUZZ_SECONDS; NAME as in tests/fuzz/fuzz_NAME.c (clang)
.PHONY: $(FUZZ_NAMES:%=fuzz-%) fuzz-build fuzz-replay fuzz-replays
$(FUZZ_NAMES:%=fuzz-%): fuzz-%: $(FUZZ_SEEDS)
	$(Q)$(MAKE) --no-print-directory CONFIG=fuzz build/fuzz/fuzz/fuzz_$*
	tests/fuzz/run $* build/fuzz $(FUZZ_SECONDS)

## fuzz-build: build all fuzz targets
fuzz-build: $(FUZZ_SEEDS)
	$(Q)$(MAKE) --no-print-directory CONFIG=fuzz $(FUZZ_NAMES:%=build/fuzz/fuzz/fuzz_%)

fuzz-replays: $(FUZZ_NAMES:%=$(BUILD)/fuzz/replay_%) $(FUZZ_SEEDS)

## fuzz-replay: run all fuzz targets over their seeds and over what once made them fail
fuzz-replay: fuzz-replays
	tests/run-fuzz $(BUILD)

test: fuzz-replays
