# Included by the Makefile: what is installed, and packages.  See docs/installing.md.
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR    ?= $(PREFIX)/share
MANDIR     ?= $(DATADIR)/man
DOCDIR     ?= $(DATADIR)/doc/muslcheck
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
BASHCOMPDIR  ?= $(DATADIR)/bash-completion/completions
ZSHCOMPDIR   ?= $(DATADIR)/zsh/site-functions
FISHCOMPDIR  ?= $(DATADIR)/fish/vendor_completions.d
INSTALL    ?= install

# Raised when a program that was linked before would no longer run.
SOVERSION := 0
SONAME    := libmuslcheck.so.$(SOVERSION)
SOFILE    := libmuslcheck.so.$(VERSION)

$(BUILD)/$(SOFILE): $(OBJS) packaging/libmuslcheck.map
	@echo '  LD   $@'
	$(Q)$(CC) $(ALL_CFLAGS) $(filter-out -pie,$(ALL_LDFLAGS)) -shared -Wl,-soname,$(SONAME) \
		-Wl,--version-script,packaging/libmuslcheck.map -Wl,--no-undefined -o $@ $(OBJS) $(LIBS)

SHARED := $(BUILD)/share/muslcheck.1 $(BUILD)/share/muslcheck.bash $(BUILD)/share/muslcheck.zsh $(BUILD)/share/muslcheck.fish

# The program that was built says its options: for another machine, OPTIONS_OF= names one that runs here.
OPTIONS_OF ?= $(BUILD)/muslcheck

$(BUILD)/share/muslcheck.1: packaging/gen_man packaging/optionlib.py packaging/muslcheck.1.in $(BUILD)/muslcheck
	@mkdir -p $(@D)
	@echo '  GEN  $@'
	$(Q)packaging/gen_man $(OPTIONS_OF) packaging/muslcheck.1.in $@

$(BUILD)/share/muslcheck.%: packaging/gen_completions packaging/optionlib.py src/rules.c $(BUILD)/muslcheck
	@mkdir -p $(@D)
	@echo '  GEN  $@'
	$(Q)packaging/gen_completions $(OPTIONS_OF) $* src/rules.c $@

# Below the prefix as pkg-config has it, so that a tree can be moved.
below_prefix = $(patsubst $(PREFIX)/%,$${prefix}/%,$(1))

# Made again each time: the folders are what was typed.
.PHONY: $(BUILD)/share/muslcheck.pc
$(BUILD)/share/muslcheck.pc: packaging/muslcheck.pc.in
	@mkdir -p $(@D)
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(call below_prefix,$(LIBDIR))|' \
		-e 's|@INCLUDEDIR@|$(call below_prefix,$(INCLUDEDIR))|' -e 's|@VERSION@|$(VERSION)|' \
		-e 's|@REQUIRES@|$(filter-out $(LATE),$(PKGS))|' packaging/muslcheck.pc.in > $@

## libs: both libraries, the man pages and the completions
.PHONY: libs
libs: $(BUILD)/libmuslcheck.a $(BUILD)/$(SOFILE) $(SHARED)

## install: program, libraries, headers, man pages, completions under $(PREFIX)
.PHONY: install uninstall
install: all libs $(BUILD)/share/muslcheck.pc
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR) $(DESTDIR)$(PKGCONFIGDIR) $(DESTDIR)$(INCLUDEDIR)/muslcheck \
		$(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(DOCDIR)/rules $(DESTDIR)$(BASHCOMPDIR) $(DESTDIR)$(ZSHCOMPDIR) $(DESTDIR)$(FISHCOMPDIR)
	$(INSTALL) -m755 $(BUILD)/muslcheck $(DESTDIR)$(BINDIR)/muslcheck
	$(INSTALL) -m755 $(BUILD)/$(SOFILE) $(DESTDIR)$(LIBDIR)/$(SOFILE)
	ln -sf $(SOFILE) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libmuslcheck.so
	$(INSTALL) -m644 $(BUILD)/libmuslcheck.a $(DESTDIR)$(LIBDIR)/libmuslcheck.a
	$(INSTALL) -m644 include/muslcheck/*.h $(DESTDIR)$(INCLUDEDIR)/muslcheck
	$(INSTALL) -m644 $(BUILD)/share/muslcheck.pc $(DESTDIR)$(PKGCONFIGDIR)/muslcheck.pc
	$(INSTALL) -m644 $(BUILD)/share/muslcheck.1 $(DESTDIR)$(MANDIR)/man1/muslcheck.1
	$(INSTALL) -m644 packaging/muslcheck.toml.5 $(DESTDIR)$(MANDIR)/man5/muslcheck.toml.5
	$(INSTALL) -m644 $(BUILD)/share/muslcheck.bash $(DESTDIR)$(BASHCOMPDIR)/muslcheck
	$(INSTALL) -m644 $(BUILD)/share/muslcheck.zsh $(DESTDIR)$(ZSHCOMPDIR)/_muslcheck
	$(INSTALL) -m644 $(BUILD)/share/muslcheck.fish $(DESTDIR)$(FISHCOMPDIR)/muslcheck.fish
	$(INSTALL) -m644 README.md docs/*.md docs/*.json docs/*.svg examples/judge.c $(DESTDIR)$(DOCDIR)
	$(INSTALL) -m644 docs/rules/*.md $(DESTDIR)$(DOCDIR)/rules

## uninstall: remove what 'make install' with the same folders put there
uninstall:
	rm -f $(DESTDIR)$(BINDIR)/muslcheck $(addprefix $(DESTDIR)$(LIBDIR)/,$(SOFILE) $(SONAME) libmuslcheck.so libmuslcheck.a) \
		$(DESTDIR)$(PKGCONFIGDIR)/muslcheck.pc $(DESTDIR)$(MANDIR)/man1/muslcheck.1 $(DESTDIR)$(MANDIR)/man5/muslcheck.toml.5 \
		$(DESTDIR)$(BASHCOMPDIR)/muslcheck \
		$(DESTDIR)$(ZSHCOMPDIR)/_muslcheck $(DESTDIR)$(FISHCOMPDIR)/muslcheck.fish
	rm -rf $(DESTDIR)$(INCLUDEDIR)/muslcheck $(DESTDIR)$(DOCDIR)

## install-check: install into a temporary folder and try all of it: files, pkg-config, the example, completions
.PHONY: install-check
install-check: all libs
	packaging/test_install $(BUILD)

## reproducible-check: build in two folders, compare the bytes
.PHONY: reproducible-check
reproducible-check:
	packaging/test_reproducible

## deb: Debian packages, source and binary, into build/deb
.PHONY: deb deb-check
deb:
	packaging/build_deb build/deb

## deb-check: install those by apt in a new root, use and remove them there (network, root)
deb-check:
	packaging/debian/test_deb build/deb
