# Postlab: one Makefile, no recursion.
#
#   make            the programs, in build/bin
#   make deps       installs what is missing (Debian 12; sudo when not root)
#   make run        deps, build, ./var for campus.example, the daemons or the tour
#   make check      deps, build, every test       make lint     format, tidy, cppcheck
#   make bench      the measurements              make install  PREFIX= DESTDIR=
#   make SAN=1      AddressSanitizer and UBSan, in build-san
#   make CC=clang   in build-clang                make WERROR=1 warnings are errors

CC       = gcc
PREFIX   = /usr/local
DESTDIR  =

VARIANT  = $(if $(filter clang%,$(CC)),-clang)$(if $(SAN),-san)
B        = build$(VARIANT)

PACKAGES = gnutls libsasl2 sqlite3 gmime-3.0 ncursesw libseccomp nettle
PKG_CONFIG = pkg-config

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wwrite-strings -Wcast-qual -Wpointer-arith -Wvla -Wundef \
	-Wnull-dereference -Wimplicit-fallthrough -Wno-format-zero-length \
	$(if $(WERROR),-Werror)
HARDEN   = $(if $(SAN),-fsanitize=address$(,)undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1, \
	-O2 -D_FORTIFY_SOURCE=3) -fstack-protector-strong -fPIE
,        = ,
# The libraries' own headers are not ours to warn about.
PKG_CFLAGS := $(subst -I,-isystem ,$(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null))
PKG_LIBS   := $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null) -linih
CHECK_LIBS := $(shell $(PKG_CONFIG) --libs check 2>/dev/null)
CFLAGS   = -std=c17 -g $(HARDEN) $(WARNINGS)
CPPFLAGS = -D_GNU_SOURCE -I. $(PKG_CFLAGS) -MMD -MP
LDFLAGS  = -pie -Wl,-z,relro,-z,now $(if $(SAN),-fsanitize=address$(,)undefined)

PROGRAMS = smtpd mda pop3d mua postlab
BIN      = $(PROGRAMS:%=$(B)/bin/%)

objects  = $(patsubst %.c,$(B)/%.o,$(wildcard $(1)/*.c))
library  = $(filter-out %/main.o,$(call objects,$(1)))

all: $(BIN) $(B)/bin/dialog

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(CPPFLAGS) -c -o $@ $<

$(B)/lib/lib%.a:
	@mkdir -p $(@D)
	rm -f $@ && ar rcs $@ $^
$(B)/lib/libcommon.a: $(call objects,common)
$(B)/lib/libmaildir.a: $(call objects,maildir)

LIBS = $(B)/lib/libmaildir.a $(B)/lib/libcommon.a
link = @mkdir -p $(@D); echo "link $@"; $(CC) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(PKG_LIBS)

$(B)/bin/smtpd: $(call objects,smtpd) $(LIBS)
	$(link)
$(B)/bin/mda: $(call objects,mda) $(LIBS)
	$(link)
$(B)/bin/pop3d: $(call objects,pop3d) $(LIBS)
	$(link)
$(B)/bin/mua: $(call objects,mua) $(LIBS)
	$(link)
$(B)/bin/postlab: $(call objects,admin) $(B)/smtpd/queue.o $(LIBS)
	$(link)

# Unit tests: everything but the main() of each program, and Check.
UNITS = $(filter-out %/main.o,$(foreach d,smtpd mda pop3d mua admin,$(call objects,$(d))))
$(B)/bin/check: $(patsubst %.c,$(B)/%.o,$(wildcard tests/check_*.c)) $(UNITS) $(LIBS)
	@mkdir -p $(@D); echo "link $@"
	$(CC) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(PKG_LIBS) $(CHECK_LIBS)

clean:
	rm -rf build build-*

.PHONY: all clean
-include $(shell find $(B) -name '*.d' 2>/dev/null)
