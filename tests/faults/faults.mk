# SPDX-License-Identifier: MIT
# Included by the Makefile: what fails in a broken machine.  See tests/run-faults.
FAULTS_WHEELS ?= $(wildcard wheels-corpus/cache/markupsafe-*-cp312-*x86_64.whl wheels-corpus/cache/ujson-*.whl)

$(BUILD)/faults/arena.o: src/arena.c
	@mkdir -p $(@D)
	@echo '  CC   $@'
	$(Q)$(CC) $(ALL_CPPFLAGS) -DMC_ARENA_PAGE_NBYTES=1 $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The program, but each thing that an arena takes is an allocation.
$(BUILD)/faults/muslcheck: $(CMDS:%.c=$(BUILD)/%.o) $(BUILD)/faults/arena.o $(BUILD)/libmuslcheck.a
	@echo '  LD   $@'
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# Not instrumented: it stands in front of a sanitizer's own functions.
$(BUILD)/faults/shim.so: tests/faults/shim.c
	@mkdir -p $(@D)
	@echo '  LD   $@'
	$(Q)$(CC) -std=gnu17 -Wall -Wextra -O1 -fPIC -shared -o $@ $<

# A few of each in 'make test'.
test: faults-build

## tsan: threads under ThreadSanitizer: batches, wheels that are shared out
.PHONY: tsan tsan-run
tsan:
	$(MAKE) CONFIG=tsan tsan-run
tsan-run: all $(BUILD)/tests/test_scan
	$(BUILD)/tests/test_scan
	tests/run-batch $(BUILD)/muslcheck

## coverage: lines of the parsers that the tests reach, by gcov; see docs/coverage.md
.PHONY: coverage coverage-run
coverage:
	$(MAKE) CONFIG=cover coverage-run
coverage-run: all $(TESTS) fuzz-replays
	find $(BUILD) -name '*.gcda' -delete
	-for test in $(TESTS); do $$test >/dev/null 2>&1; done
	-for script in cases hostile batch cache gate; do tests/run-$$script $(BUILD)/muslcheck; done
	-tests/run-fuzz $(BUILD)
	tests/run-coverage $(BUILD)

## faults: memory, reads, writes, files, threads that fail at the n-th call, for every n
.PHONY: faults faults-build
faults-build: $(BUILD)/faults/muslcheck $(BUILD)/faults/shim.so
faults: faults-build
	tests/run-faults --all $(BUILD) $(FAULTS_WHEELS)
