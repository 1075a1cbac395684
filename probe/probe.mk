# Included by the Makefile: the tables.  See probe/README.md.
PROBE_TEXTS := probe/gen_tables probe/probelib.py $(wildcard probe/*.tsv) \
	$(shell find probe/tables -name '*.txt')

$(BUILD)/gen/tables.c: $(PROBE_TEXTS)
	@mkdir -p $(@D)
	@echo '  GEN  $@'
	$(Q)probe/gen_tables $@

$(BUILD)/gen/rule_texts.c: probe/gen_rules $(wildcard docs/rules/*.md)
	@mkdir -p $(@D)
	@echo '  GEN  $@'
	$(Q)probe/gen_rules docs/rules $@

$(BUILD)/gen/behaviour.c: probe/gen_behaviour probe/behaviour.tsv probe/behaviour/evidence.tsv
	@mkdir -p $(@D)
	@echo '  GEN  $@'
	$(Q)probe/gen_behaviour probe/behaviour.tsv probe/behaviour/evidence.tsv $@

$(BUILD)/gen/html_page.c: probe/gen_html src/html/page.css src/html/page.js
	@mkdir -p $(@D)
	@echo '  GEN  $@'
	$(Q)probe/gen_html src/html/page.css src/html/page.js $@

$(BUILD)/gen/html_page.o: $(BUILD)/gen/html_page.c
	@echo '  CC   $<'
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/gen/behaviour.o: $(BUILD)/gen/behaviour.c
	@echo '  CC   $<'
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/gen/rule_texts.o: $(BUILD)/gen/rule_texts.c
	@echo '  CC   $<'
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/gen/tables.o: $(BUILD)/gen/tables.c
	@echo '  CC   $<'
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -g0 -MMD -MP -c -o $@ $<

OBJS += $(BUILD)/gen/tables.o $(BUILD)/gen/rule_texts.o $(BUILD)/gen/behaviour.o $(BUILD)/gen/html_page.o

## tables: make the text tables again from packages (network)
.PHONY: tables tables-verify
tables:
	probe/dump_tables
	probe/gen_classes > probe/classes.tsv.new && mv probe/classes.tsv.new probe/classes.tsv

## behaviour: measure how glibc and musl behave, into probe/behaviour.tsv and docs/behaviour.md
.PHONY: behaviour behaviour-check
behaviour:
	probe/behaviour/measure
	probe/behaviour/measure --page docs/behaviour.md

## behaviour-check: measure again and compare with git
behaviour-check:
	probe/behaviour/measure --check

## choices-live: what pip takes today for the projects of choices.txt, against ours (network)
.PHONY: choices-live
choices-live: $(BUILD)/tests/test_choices
	probe/choices --live $(BUILD)/choices
	$(BUILD)/tests/test_choices $(BUILD)/choices

## tables-verify: make them in a temporary folder and compare with git (network)
tables-verify:
	probe/verify_tables
