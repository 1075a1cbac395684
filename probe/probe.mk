# Included by the Makefile: the tables.  See probe/README.md.
PROBE_TEXTS := probe/gen_tables probe/probelib.py $(wildcard probe/*.tsv) \
	$(shell find probe/tables -name '*.txt')

$(BUILD)/gen/tables.c: $(PROBE_TEXTS)
	@mkdir -p $(@D)
	@echo '  GEN  $@'
	$(Q)probe/gen_tables $@

$(BUILD)/gen/rule_texts.c: probe/gen_rules docs/rules.md
	@mkdir -p $(@D)
	@echo '  GEN  $@'
	$(Q)probe/gen_rules docs/rules.md $@

$(BUILD)/gen/rule_texts.o: $(BUILD)/gen/rule_texts.c
	@echo '  CC   $<'
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/gen/tables.o: $(BUILD)/gen/tables.c
	@echo '  CC   $<'
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -g0 -MMD -MP -c -o $@ $<

OBJS += $(BUILD)/gen/tables.o $(BUILD)/gen/rule_texts.o

## tables: make the text tables again from packages (network)
.PHONY: tables tables-verify
tables:
	probe/dump_tables
	probe/gen_classes > probe/classes.tsv.new && mv probe/classes.tsv.new probe/classes.tsv

## choices-live: what pip takes today for the projects of choices.txt, against ours (network)
.PHONY: choices-live
choices-live: $(BUILD)/tests/test_choices
	probe/choices --live $(BUILD)/choices
	$(BUILD)/tests/test_choices $(BUILD)/choices

## tables-verify: make them in a temporary folder and compare with git (network)
tables-verify:
	probe/verify_tables
