/*
 * check_received.c - Received fields of many servers taken apart.
 *
 * The fields are real: from the public archives of git@vger.kernel.org,
 * linux-mm, cygwin-patches, openwrt-devel, linux-arm-kernel and others
 * (lore.kernel.org, sourceware.org); persons in them are replaced by "user".
 * What is expected follows RFC 5321 4.4 and the manuals of the servers.
 */
#include <check.h>
#include <string.h>

#include "common/mem.h"
#include "maildir/received.h"
#include "tests/suites.h"

#define EQUAL(is, want) ck_assert_str_eq(is, (want) == NULL ? "" : (want))

struct wanted { /* NULL is "" */
	const char *helo, *name, *address, *ident, *login;
	const char *by, *software, *via, *with, *tls, *id, *recipient, *sender;
	bool encrypted, forged;
	int64_t date;
};

static const struct {
	const char *value;
	enum received_format format;
	struct wanted want;
} cases[] = {
	/* clang-format off */
	{ "from localhost ([127.0.0.1])\n\tby mail.campus.example (Postlab) with "
	  "ESMTPSA id 3F2A9C01B7D4E5\n\t(using TLS1.3 with cipher TLS_AES_256_GCM_SHA384)\n"
	  "\tfor <bob@campus.example>; Thu, 19 Nov 2026 10:21:04 +0000",
	  RECEIVED_POSTLAB,
	  { .helo = "localhost", .address = "127.0.0.1",
	    .by = "mail.campus.example", .software = "Postlab",
	    .with = "ESMTPSA", .tls = "TLS1.3 TLS_AES_256_GCM_SHA384", .id = "3F2A9C01B7D4E5",
	    .recipient = "bob@campus.example", .encrypted = true,
	    .date = 1795083664 } },
	{ "from smtp.kernel.org (relay.kernel.org [52.25.139.140])\n"
	  "        (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 "
	  "(256/256 bits)\n         key-exchange X25519 server-signature "
	  "RSA-PSS (2048 bits))\n        (No client certificate requested)\n"
	  "        by dfw.source.kernel.org (Postfix) with ESMTPS id 9FB4E63121"
	  "\n        for <user@vger.kernel.org>; "
	  "Wed,  9 Aug 2023 10:46:43 +0000 (UTC)",
	  RECEIVED_POSTFIX,
	  { .helo = "smtp.kernel.org", .name = "relay.kernel.org",
	    .address = "52.25.139.140", .by = "dfw.source.kernel.org",
	    .software = "Postfix", .with = "ESMTPS",
	    .tls = "TLSv1.3 TLS_AES_256_GCM_SHA384", .id = "9FB4E63121",
	    .recipient = "user@vger.kernel.org", .encrypted = true,
	    .date = 1691578003 } },
	{ "from meh.true.cz (meh.true.cz [108.61.167.218])\n "
	  "(Authenticated sender: user@true.cz)\n by smtp-out.xnet.cz (Postfix) "
	  "with ESMTPSA id 2CDD74E1A; Tue,  3 Mar 2020 13:06:34 +0100 (CET)",
	  RECEIVED_POSTFIX,
	  { .helo = "meh.true.cz", .name = "meh.true.cz",
	    .address = "108.61.167.218", .login = "user@true.cz",
	    .by = "smtp-out.xnet.cz", .software = "Postfix",
	    .with = "ESMTPSA", .id = "2CDD74E1A", .encrypted = true,
	    .date = 1583237194 } },
	{ "by verein.lst.de (Postfix, from userid 2407)\n id 9D4C668B05; "
	  "Thu, 28 Nov 2019 08:17:30 +0100 (CET)",
	  RECEIVED_POSTFIX,
	  { .ident = "2407", .by = "verein.lst.de", .software = "Postfix",
	    .id = "9D4C668B05", .date = 1574925450 } },
	{ "from fruit.crustytoothpaste.net (unknown "
	  "[IPv6:2607:f2c0:f00f:f901:66aa:1c10:d66e:dab7]) by "
	  "complex.crustytoothpaste.net (Postfix) with ESMTPSA id 92D5D20077;"
	  "\tWed,  7 Oct 2026 21:07:48 +0000 (UTC)",
	  RECEIVED_POSTFIX,
	  { .helo = "fruit.crustytoothpaste.net", .name = "unknown",
	    .address = "2607:f2c0:f00f:f901:66aa:1c10:d66e:dab7",
	    .by = "complex.crustytoothpaste.net", .software = "Postfix",
	    .with = "ESMTPSA", .id = "92D5D20077", .encrypted = true,
	    .date = 1791407268 } },
	{ "from 91-156-7-239.elisa-laajakaista.fi ([91.156.7.239]\n"
	  " helo=[192.168.100.137])\n by coelho.fi with esmtpsa (TLS1.3) tls "
	  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n (Exim 4.97) "
	  "(envelope-from <user@coelho.fi>)\n id 1rsJwY-000000001V4-1D5s; "
	  "Thu, 04 Apr 2024 13:03:39 +0300",
	  RECEIVED_EXIM,
	  { .helo = "[192.168.100.137]",
	    .name = "91-156-7-239.elisa-laajakaista.fi",
	    .address = "91.156.7.239", .by = "coelho.fi",
	    .software = "Exim 4.97", .with = "esmtpsa",
	    .tls = "TLS1.3 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
	    .id = "1rsJwY-000000001V4-1D5s", .sender = "user@coelho.fi",
	    .encrypted = true, .date = 1712225019 } },
	{ "from [82.100.198.138] (helo=mail.embedded-brains.de)\n by "
	  "sslproxy04.your-server.de with esmtpsa (TLS1.3) tls "
	  "TLS_AES_256_GCM_SHA384\n (Exim 4.96) (envelope-from "
	  "<user@embedded-brains.de>)\n id 1sr52S-000DMA-03; "
	  "Thu, 19 Sep 2024 02:28:52 +0200",
	  RECEIVED_EXIM,
	  { .helo = "mail.embedded-brains.de", .address = "82.100.198.138",
	    .by = "sslproxy04.your-server.de", .software = "Exim 4.96",
	    .with = "esmtpsa", .tls = "TLS1.3 TLS_AES_256_GCM_SHA384",
	    .id = "1sr52S-000DMA-03", .sender = "user@embedded-brains.de",
	    .encrypted = true, .date = 1726705732 } },
	{ "from verein.lst.de ([213.95.11.211])\n by bombadil.infradead.org "
	  "with esmtps (Exim 4.92.3 #3 (Red Hat Linux))\n id 1iaE3W-0003KA-6n\n"
	  " for user@lists.infradead.org; Thu, 28 Nov 2019 07:17:39 +0000",
	  RECEIVED_EXIM,
	  { .helo = "verein.lst.de", .address = "213.95.11.211",
	    .by = "bombadil.infradead.org",
	    .software = "Exim 4.92.3 #3 (Red Hat Linux)", .with = "esmtps",
	    .id = "1iaE3W-0003KA-6n", .recipient = "user@lists.infradead.org",
	    .encrypted = true, .date = 1574925459 } },
	{ "(qmail 15787 invoked by uid 102); 28 May 2015 07:51:45 -0000",
	  RECEIVED_QMAIL,
	  { .ident = "102", .software = "qmail", .date = 1432799505 } },
	{ "from ACCESS1.CIMS.NYU.EDU (HELO access1.cims.nyu.edu) "
	  "(128.122.81.155)     by sourceware.org (qpsmtpd/0.31) with ESMTP; "
	  "Fri, 03 Mar 2006 16:10:02 +0000",
	  RECEIVED_OTHER,
	  { .helo = "access1.cims.nyu.edu", .name = "ACCESS1.CIMS.NYU.EDU",
	    .address = "128.122.81.155", .by = "sourceware.org",
	    .software = "qpsmtpd/0.31", .with = "ESMTP",
	    .date = 1141402202 } },
	{ "from postfix3-2.free.fr (user@213.228.0.129)\n  by "
	  "totor.example.net with SMTP; 14 Nov 2003 08:05:50 -0000",
	  RECEIVED_OTHER,
	  { .helo = "postfix3-2.free.fr", .address = "213.228.0.129",
	    .ident = "user", .by = "totor.example.net", .with = "SMTP",
	    .date = 1068797150 } },
	{ "from unknown (HELO gnr-sp-2s-612.sh.intel.com) ([10.112.230.229])\n "
	  "by orviesa009-auth.jf.intel.com with "
	  "ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384;\n 24 Oct 2025 01:45:39 -0700",
	  RECEIVED_OTHER,
	  { .helo = "gnr-sp-2s-612.sh.intel.com", .name = "unknown",
	    .address = "10.112.230.229", .by = "orviesa009-auth.jf.intel.com",
	    .with = "ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384",
	    .encrypted = true, .date = 1761295539 } },
	{ "from netsvr.Internet (USR-157-050.dr.cgocable.ca [24.226.157.50] "
	  "(may be forged))\n   by webnote.net (8.9.3/8.9.3) with ESMTP id "
	  "IAA29903\n   for <user@netnoteinc.com>; "
	  "Sun, 18 Feb 2001 08:28:16 GMT",
	  RECEIVED_SENDMAIL,
	  { .helo = "netsvr.Internet", .name = "USR-157-050.dr.cgocable.ca",
	    .address = "24.226.157.50", .by = "webnote.net",
	    .software = "8.9.3/8.9.3", .with = "ESMTP", .id = "IAA29903",
	    .recipient = "user@netnoteinc.com", .forged = true,
	    .date = 982484896 } },
	{ "from callcc.thunk.org (guestnat-104-133-0-109.corp.google.com\n "
	  "[104.133.0.109] (may be forged)) (authenticated bits=0)\n (User "
	  "authenticated as user@ATHENA.MIT.EDU)\n by outgoing.mit.edu "
	  "(8.14.7/8.12.4) with ESMTP id x5L0sK0h000800\n (version=TLSv1/SSLv3 "
	  "cipher=DHE-RSA-AES256-GCM-SHA384 bits=256 verify=NOT);\n "
	  "Thu, 20 Jun 2019 20:54:21 -0400",
	  RECEIVED_SENDMAIL,
	  { .helo = "callcc.thunk.org",
	    .name = "guestnat-104-133-0-109.corp.google.com",
	    .address = "104.133.0.109",
	    .login = "user@ATHENA.MIT.EDU",
	    .by = "outgoing.mit.edu", .software = "8.14.7/8.12.4",
	    .with = "ESMTP", .id = "x5L0sK0h000800",
	    .tls = "TLSv1/SSLv3 DHE-RSA-AES256-GCM-SHA384",
	    .encrypted = true, .forged = true, .date = 1561078461 } },
	{ "(from user@localhost)\n\tby harpo.it.uu.se (8.12.10+Sun/8.12.10) id "
	  "i4ULso3l014496;\n\tSun, 30 May 2004 23:54:50 +0200 (MEST)",
	  RECEIVED_SUN,
	  { .ident = "user@localhost", .by = "harpo.it.uu.se",
	    .software = "8.12.10+Sun/8.12.10", .id = "i4ULso3l014496",
	    .date = 1085954090 } },
	{ "from host143-65.hauppauge.com\n (ool-18bfe0d5.dyn.optonline.net "
	  "[24.191.224.213]) by mta3.srv.hcvlny.cv.net\n (Sun Java System "
	  "Messaging Server 6.2-8.04 (built Feb 28 2007))\n with ESMTP id "
	  "<0KLN00KF19LEPB60@mta3.srv.hcvlny.cv.net> for\n "
	  "user@vger.kernel.org; Mon, 22 Jun 2009 10:29:39 -0400 (EDT)",
	  RECEIVED_SUN,
	  { .helo = "host143-65.hauppauge.com",
	    .name = "ool-18bfe0d5.dyn.optonline.net",
	    .address = "24.191.224.213", .by = "mta3.srv.hcvlny.cv.net",
	    .software =
	      "Sun Java System Messaging Server 6.2-8.04 (built Feb 28 2007)",
	    .with = "ESMTP",
	    .id = "0KLN00KF19LEPB60@mta3.srv.hcvlny.cv.net",
	    .recipient = "user@vger.kernel.org", .date = 1245680979 } },
	{ "from SJ0PR10MB4429.namprd10.prod.outlook.com\n "
	  "([fe80::d034:a8db:9e32:acde]) by "
	  "SJ0PR10MB4429.namprd10.prod.outlook.com\n "
	  "([fe80::d034:a8db:9e32:acde%4]) with mapi id 15.20.4909.010; "
	  "Fri, 21 Jan 2022\n 01:33:40 +0000",
	  RECEIVED_EXCHANGE,
	  { .helo = "SJ0PR10MB4429.namprd10.prod.outlook.com",
	    .address = "fe80::d034:a8db:9e32:acde",
	    .by = "SJ0PR10MB4429.namprd10.prod.outlook.com", .with = "mapi",
	    .id = "15.20.4909.010", .date = 1642728820 } },
	{ "from fmsedg902.ED.cps.intel.com (10.1.192.144) by\n "
	  "FMSMSX901.amr.corp.intel.com (10.18.126.90) with Microsoft SMTP "
	  "Server\n (version=TLS1_2, "
	  "cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id\n 15.2.2562.17 via "
	  "Frontend Transport; Wed, 13 Aug 2025 00:28:14 -0700",
	  RECEIVED_EXCHANGE,
	  { .helo = "fmsedg902.ED.cps.intel.com", .address = "10.1.192.144",
	    .by = "FMSMSX901.amr.corp.intel.com", .via = "Frontend Transport",
	    .with = "Microsoft SMTP Server",
	    .tls = "TLS1_2 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
	    .id = "15.2.2562.17", .encrypted = true, .date = 1755070094 } },
	{ "from 0 ([61.31.135.91]) by bass.bass.com.eg with Microsoft "
	  "SMTPSVC(5.0.2195.6713);\n         Tue, 21 Sep 2004 08:59:06 +0300",
	  RECEIVED_EXCHANGE,
	  { .helo = "0", .address = "61.31.135.91", .by = "bass.bass.com.eg",
	    .with = "Microsoft SMTPSVC", .date = 1095746346 } },
	{ "from mga07.intel.com (mga07.intel.com. [134.134.136.100])\n        by "
	  "mx.google.com with ESMTPS id "
	  "n9si146219pll.307.2017.09.27.16.56.22\n        for "
	  "<user@kvack.org>\n        (version=TLS1_2 "
	  "cipher=ECDHE-RSA-AES128-GCM-SHA256 bits=128/128);\n        "
	  "Wed, 27 Sep 2017 16:56:23 -0700 (PDT)",
	  RECEIVED_GOOGLE,
	  { .helo = "mga07.intel.com", .name = "mga07.intel.com",
	    .address = "134.134.136.100", .by = "mx.google.com",
	    .with = "ESMTPS", .id = "n9si146219pll.307.2017.09.27.16.56.22",
	    .tls = "TLS1_2 ECDHE-RSA-AES128-GCM-SHA256",
	    .recipient = "user@kvack.org", .encrypted = true,
	    .date = 1506556583 } },
	{ "by 10.86.92.7 with SMTP id p7mr15645159fgb.72.1210655302147;\n"
	  "        Mon, 12 May 2008 22:08:22 -0700 (PDT)",
	  RECEIVED_GOOGLE,
	  { .by = "10.86.92.7", .with = "SMTP",
	    .id = "p7mr15645159fgb.72.1210655302147",
	    .date = 1210655302 } },
	{ "from relais.videotron.ca ([24.201.245.36]:45773 \"EHLO\n\t"
	  "relais.videotron.ca\") by vger.kernel.org with ESMTP id "
	  "S932324AbWBVBj2\n\t(ORCPT <rfc822;user@vger.kernel.org>);\n\t"
	  "Tue, 21 Feb 2006 20:39:28 -0500",
	  RECEIVED_OTHER,
	  { .helo = "relais.videotron.ca", .name = "relais.videotron.ca",
	    .address = "24.201.245.36", .by = "vger.kernel.org",
	    .with = "ESMTP", .id = "S932324AbWBVBj2",
	    .date = 1140572368 } },
	{ "from helene8.i.pinwand.net (helene.cats.ms) [10.0.8.6.13219] (mail)"
	  "\n     by lisbeth.i.pinwand.net with esmtp (Exim 3.35 #1 (Debian))\n"
	  "     id 1CO5y7-0001vC-00; Sun, 31 Oct 2004 04:01:23 +0100",
	  RECEIVED_EXIM,
	  { .helo = "helene8.i.pinwand.net", .name = "helene.cats.ms",
	    .address = "10.0.8.6", .by = "lisbeth.i.pinwand.net",
	    .software = "Exim 3.35 #1 (Debian)", .with = "esmtp",
	    .id = "1CO5y7-0001vC-00", .date = 1099191683 } },
	{ "from desk", RECEIVED_OTHER, { .helo = "desk" } },
	{ "", RECEIVED_OTHER, { .helo = "" } },
	/* clang-format on */
};

START_TEST(received_fields_of_many_servers_are_understood)
{
	const struct wanted *want = &cases[_i].want;
	struct received r;

	received_parse(cases[_i].value, strlen(cases[_i].value), &r);
	EQUAL(r.helo, want->helo);
	EQUAL(r.name, want->name);
	EQUAL(r.address, want->address);
	EQUAL(r.ident, want->ident);
	EQUAL(r.login, want->login);
	EQUAL(r.by, want->by);
	EQUAL(r.software, want->software);
	EQUAL(r.via, want->via);
	EQUAL(r.with, want->with);
	EQUAL(r.tls, want->tls);
	EQUAL(r.id, want->id);
	EQUAL(r.recipient, want->recipient);
	EQUAL(r.sender, want->sender);
	ck_assert_int_eq(r.encrypted, want->encrypted);
	ck_assert_int_eq(r.forged, want->forged);
	ck_assert_int_eq(r.date, want->date);
	ck_assert_int_eq(r.has_date, want->date != 0);
	ck_assert_int_eq((int)r.format, (int)cases[_i].format);
	received_clear(&r);
}
END_TEST

/* What cannot be understood is left out, and nothing else happens. */
static const char *const damaged[] = {
	"(((((((((((",
	")))))",
	"from (by (with (id (for",
	"from from from by by by ; ; ;",
	"from a (b [ (c",
	"from \"a ; b\" (\\",
	"from [ by [ ; [",
	"\033[31337m (\033]0;x\007) by \23331337m; \033",
	"from x ([1.2.3.4.5.6.7]) by y; Mon, 99 Foo 9999 99:99:99 +9999",
};

START_TEST(damaged_fields_harm_nobody)
{
	struct received r;

	received_parse(damaged[_i], strlen(damaged[_i]), &r);
	ck_assert_ptr_null(strchr(r.helo, '\033'));
	ck_assert_ptr_null(strstr(r.by, "\x9b"));
	ck_assert_ptr_null(strchr(r.name, '\033'));
	received_clear(&r);
}
END_TEST

static const struct {
	const char *address;
	bool is_private;
} addresses[] = {
	/* clang-format off */
	{ "10.1.2.3", true },       { "172.16.0.1", true },
	{ "172.31.255.255", true }, { "172.32.0.1", false },
	{ "192.168.1.1", true },    { "100.64.0.1", true },
	{ "100.128.0.1", false },   { "127.0.0.1", true },
	{ "::1", true },            { "fe80::1", true },
	{ "febf::1", true },        { "fec0::1", false },
	{ "fd00::1", true },        { "2001:db8::1", false },
	{ "192.0.2.1", false },     { "", false },
	{ "mail.example", false },
	/* clang-format on */
};

START_TEST(private_networks_are_known)
{
	ck_assert_int_eq(received_is_private(addresses[_i].address),
	    addresses[_i].is_private);
}
END_TEST

Suite *
received_suite(void)
{
	Suite *suite = suite_create("received");
	TCase *tc = tcase_create("fields");

	tcase_add_loop_test(tc, received_fields_of_many_servers_are_understood,
	    0, COUNT(cases));
	tcase_add_loop_test(tc, damaged_fields_harm_nobody, 0, COUNT(damaged));
	tcase_add_loop_test(tc, private_networks_are_known, 0,
	    COUNT(addresses));
	suite_add_tcase(suite, tc);
	return suite;
}
