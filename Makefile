# Postlab: one Makefile, no recursion.
#
#   make            the programs, in build/bin
#   make deps       installs what is missing (Debian 12; sudo when not root)
#   make run        deps, build, ./var for campus.example, the daemons or the tour
#   make check      deps, build, every test       make lint     format, tidy, cppcheck
#   make bench      the measurements              make install  PREFIX= DESTDIR=
#   make SAN=1      AddressSanitizer and UBSan, in build-san
#   make CC=clang   in build-clang                make WERROR=1 warnings are errors
#   make V=1        shows the commands

CC       = gcc
V        =
quiet    = $(if $(V),,@)
say      = @$(if $(V),:,echo)
PREFIX   = /usr/local
DESTDIR  =

VARIANT  = $(if $(filter clang%,$(CC)),-clang)$(if $(SAN),-san)
B        = build$(VARIANT)

PACKAGES = gnutls libsasl2 sqlite3 gmime-3.0 ncursesw libseccomp nettle zlib
PKG_CONFIG = pkg-config

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wwrite-strings -Wcast-qual -Wpointer-arith -Wvla -Wundef \
	-Wnull-dereference -Wimplicit-fallthrough -Wno-format-zero-length \
	$(if $(WERROR),-Werror)
HARDEN   = $(if $(SAN),-fsanitize=address$(,)undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1 \
	$(if $(FUZZ),-fsanitize=fuzzer-no-link), \
	-O2 -D_FORTIFY_SOURCE=3) -fstack-protector-strong -fPIE
,        = ,
# The libraries' own headers are not ours to warn about.
PKG_CFLAGS := $(subst -I,-isystem ,$(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null))
PKG_LIBS   := $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null) \
	-linih -lunbound -lresolv
# For backups, and so for postlab alone: the daemons shall not carry it.
ARCHIVE_LIBS := $(shell $(PKG_CONFIG) --libs libarchive 2>/dev/null)
# DKIM, SPF and DMARC, which are smtpd's alone (and bring OpenSSL).
AUTHENTICITY_LIBS = -lopendkim -lopendmarc -lspf2 -lpsl
# For HTML in mail, and so for mua alone.
HTML_CFLAGS := $(subst -I,-isystem ,$(shell $(PKG_CONFIG) --cflags libxml-2.0 2>/dev/null))
HTML_LIBS  := $(shell $(PKG_CONFIG) --libs libxml-2.0 2>/dev/null)
CHECK_LIBS := $(shell $(PKG_CONFIG) --libs check 2>/dev/null)
CFLAGS   = -std=c17 -g $(HARDEN) $(WARNINGS)
CPPFLAGS = -D_GNU_SOURCE -I. $(PKG_CFLAGS) -MMD -MP
LDFLAGS  = -pie -Wl,-z,relro,-z,now $(if $(SAN),-fsanitize=address$(,)undefined)

PROGRAMS = smtpd mda pop3d mua postlab
BIN      = $(PROGRAMS:%=$(B)/bin/%)

objects  = $(patsubst %.c,$(B)/%.o,$(wildcard $(1)/*.c))

all: $(BIN) $(B)/bin/dialog

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(say) "cc $@"
	$(quiet)$(CC) $(CFLAGS) $(CPPFLAGS) -c -o $@ $<

$(B)/common/sentences_text.o: common/explain.ini

$(B)/lib/lib%.a:
	@mkdir -p $(@D)
	$(quiet)rm -f $@ && ar rcs $@ $^
$(B)/lib/libcommon.a: $(call objects,common)
$(B)/lib/libmaildir.a: $(call objects,maildir)

LIBS = $(B)/lib/libmaildir.a $(B)/lib/libcommon.a
link = $(quiet)mkdir -p $(@D); echo "link $@"; $(CC) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(PKG_LIBS)

$(B)/bin/smtpd: $(call objects,smtpd) $(LIBS)
	$(link)
$(B)/bin/pop3d: $(call objects,pop3d) $(LIBS)
	$(link)
$(B)/bin/mua: $(call objects,mua) $(LIBS)
	$(link)
$(B)/bin/postlab $(B)/bin/check $(B)/fuzz/%: PKG_LIBS += $(ARCHIVE_LIBS)
$(B)/bin/mua $(B)/bin/check $(B)/fuzz/%: PKG_LIBS += $(HTML_LIBS)
$(B)/mua/html_render.o build/tidy/mua/html_render.ok build/clang/mua/html_render.ok: PKG_CFLAGS += $(HTML_CFLAGS)
$(B)/bin/smtpd $(B)/bin/check $(B)/fuzz/%: PKG_LIBS += $(AUTHENTICITY_LIBS)
QUEUE = $(patsubst %.c,$(B)/%.o,$(wildcard smtpd/queue*.c))
$(B)/bin/mda: $(call objects,mda) $(QUEUE) $(LIBS)
	$(link)
$(B)/bin/postlab: $(call objects,admin) $(QUEUE) $(LIBS)
	$(link)
DIALOG = $(patsubst %.c,$(B)/%.o,$(wildcard labs/dialog*.c))
$(B)/bin/dialog: $(DIALOG) $(LIBS)
	$(link)

# Unit tests: everything but the main() of each program, and Check.
UNITS = $(filter-out %/main.o %/dialog.o, \
	$(foreach d,smtpd mda pop3d mua admin,$(call objects,$(d))) $(DIALOG))
$(B)/bin/check: $(patsubst %.c,$(B)/%.o,$(wildcard tests/check_*.c)) $(UNITS) $(LIBS)
	@mkdir -p $(@D); echo "link $@"
	$(quiet)$(CC) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(PKG_LIBS) $(CHECK_LIBS)

# --- what must be installed (Debian 12) ---------------------------------

BUILD_DEPS = gcc make pkg-config libc6-dev libgnutls28-dev libsasl2-dev \
	libsasl2-modules libsqlite3-dev libgmime-3.0-dev libncurses-dev \
	libseccomp-dev nettle-dev libinih-dev zlib1g-dev libarchive-dev \
	libunbound-dev libopendkim-dev libspf2-dev libopendmarc-dev \
	libpsl-dev publicsuffix libxml2-dev
CHECK_DEPS = check clang clang-format clang-tidy cppcheck \
	libclang-rt-14-dev mandoc strace tmux openssl python3 curl swaks mutt \
	s-nail msmtp gsasl fetchmail getmail6 mpop node-nodemailer telnet netcat-openbsd \
	gnutls-bin libsasl2-modules-db procps \
	libio-socket-ssl-perl libauthen-sasl-perl libdigest-hmac-perl \
	libmail-dkim-perl python3-dkim python3-nacl opendkim-tools iproute2 neomutt

missing = $$(for p in $(1); do dpkg-query -W -f='$${db:Status-Status}' $$p \
	2>/dev/null | grep -qx installed || echo $$p; done)
define install-missing
	@missing=$(call missing,$(1)); \
	[ -z "$$missing" ] && exit 0; \
	echo "installing:" $$missing; \
	if [ "$$(id -u)" = 0 ]; then as=; \
	elif command -v sudo >/dev/null; then as=sudo; \
	else echo "not root, and no sudo: as root, apt-get install" $$missing; \
		exit 1; fi; \
	$$as apt-get update -qq && $$as env DEBIAN_FRONTEND=noninteractive \
	apt-get install -y -qq --no-install-recommends $$missing >/dev/null
endef

deps:
	$(call install-missing,$(BUILD_DEPS))

check-deps:
	$(call install-missing,$(BUILD_DEPS) $(CHECK_DEPS))

# pkg-config is asked when a Makefile is read, so what follows an install
# reads it anew.
again = +@$(MAKE) --no-print-directory

run: deps
	$(again) all
	@labs/run.sh

# --- tests --------------------------------------------------------------

JOBS = -j2

check: check-deps
	$(again) $(JOBS) WERROR=1 all build/bin/check
	$(again) $(JOBS) WERROR=1 clang
	$(again) $(JOBS) WERROR=1 SAN=1 all build-san/bin/check
	$(again) $(JOBS) fuzzers
	tests/run.sh build/test-logs $(TESTS)

FUZZERS = $(patsubst tests/fuzz_%.c,build-fuzz/fuzz/%,$(wildcard tests/fuzz_*.c))
fuzzers:
	$(again) CC=clang SAN=1 FUZZ=1 B=build-fuzz $(FUZZERS)
$(B)/fuzz/%: $(B)/tests/fuzz_%.o $(UNITS) $(LIBS)
	@mkdir -p $(@D); echo "link $@"
	$(quiet)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o %.a,$^) $(PKG_LIBS)

SOURCES  = $(wildcard $(foreach d,common maildir smtpd mda pop3d mua admin labs tests tests/bench,$(d)/*.c))
HEADERS  = $(wildcard $(foreach d,common maildir smtpd mda pop3d mua admin labs tests tests/bench,$(d)/*.h))

# That clang has no warning either; the fuzzers are built and linked by it.
CLANGED  = $(SOURCES:%.c=build/clang/%.ok)
clang: $(CLANGED)
build/clang/%.ok: %.c
	@mkdir -p $(@D)
	$(say) "clang $<"
	$(quiet)clang -fsyntax-only $(filter-out -f%,$(CFLAGS)) $(CPPFLAGS) -MF $(@:.ok=.d) -MT $@ $<
	@touch $@
-include $(CLANGED:.ok=.d)

# --- lint ---------------------------------------------------------------

TIDIED   = $(SOURCES:%.c=build/tidy/%.ok)

lint: format-check $(TIDIED)
	@echo cppcheck
	$(quiet)cppcheck -j 2 --quiet --std=c11 --enable=warning,performance,portability \
		--inline-suppr --error-exitcode=1 --suppress=missingIncludeSystem \
		--suppress=checkersReport -D_GNU_SOURCE -I. $(SOURCES)

format-check:
	@clang-format --dry-run -Werror $(SOURCES) $(HEADERS)

format:
	clang-format -i $(SOURCES) $(HEADERS)

build/tidy/%.ok: %.c .clang-tidy
	@mkdir -p $(@D)
	@echo "tidy $<"; clang-tidy --quiet --warnings-as-errors='*' $< -- -std=c17 $(CPPFLAGS) 2>/dev/null
	@touch $@

# --- the rest -----------------------------------------------------------

BENCHES = $(patsubst tests/bench/%.c,$(B)/bench/%, \
	$(filter-out %/times.c,$(wildcard tests/bench/*.c)))
$(B)/bench/%: $(B)/tests/bench/%.o $(B)/tests/bench/times.o $(B)/lib/libcommon.a
	@mkdir -p $(@D); echo "link $@"
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(PKG_LIBS)
# After many removals ext4 is slow to make files for half a minute.
bench: all $(BENCHES)
	for b in run queue pop3 open; do sync; sleep 45; \
		BIN=$(abspath $(B)/bin) BENCH=$(abspath $(B)/bench) \
		tests/bench/$$b.sh || exit 1; done

MAN1 = mua/mua.1
MAN5 = docs/postlab.conf.5
MAN8 = smtpd/smtpd.8 mda/mda.8 pop3d/pop3d.8 admin/postlab.8
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin
	install -m 755 $(B)/bin/mua $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(filter-out %/mua,$(BIN)) $(DESTDIR)$(PREFIX)/sbin
	for s in 1 5 8; do \
		install -d $(DESTDIR)$(PREFIX)/share/man/man$$s; done
	install -m 644 $(MAN1) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(MAN5) $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 644 $(MAN8) $(DESTDIR)$(PREFIX)/share/man/man8

clean:
	rm -rf build build-*

.PHONY: all deps check-deps run check clang fuzzers lint format-check format bench \
	install clean
-include $(shell find $(B) -name '*.d' 2>/dev/null)
