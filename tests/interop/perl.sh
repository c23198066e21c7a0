# perl.sh - Net::SMTP and Net::POP3 of libnet.

perl_sends() { # MECHANISM
	perl - "$BASE" "$CA" "$token" $ALICE $BOB $PASSWORD "$1" <<-'PERL'
	use strict;
	use warnings;
	use Authen::SASL qw(Perl);
	use Net::SMTP;
	my ($base, $ca, $token, $from, $to, $password, $mechanism) = @ARGV;
	my $smtp = Net::SMTP->new("localhost", Port => $base + 587,
	    Hello => "client.example", Timeout => 20) or die "connect: $@";
	$smtp->starttls(SSL_ca_file => $ca) or die "starttls: $@";
	my $sasl = Authen::SASL->new(mechanism => $mechanism,
	    callback => { user => $from, pass => $password });
	$smtp->auth($sasl) or die $smtp->message;
	$smtp->mail($from, Bits => "8", Return => "HDRS", Envelope => "a b+c")
	    or die $smtp->message;
	$smtp->to($to, { Notify => ["FAILURE", "DELAY"] })
	    or die $smtp->message;
	$smtp->data("Subject: $token\n\n.\n..\nend\n") or die $smtp->message;
	$smtp->quit or die $smtp->message;
	PERL
}

perl_is_refused() {
	perl - "$BASE" "$CA" <<-'PERL'
	use strict;
	use warnings;
	use Net::SMTP;
	my ($base, $ca) = @ARGV;
	my $smtp = Net::SMTP->new("localhost", Port => $base + 465, SSL => 1,
	    SSL_ca_file => $ca, Timeout => 20) or die "connect: $@";
	$smtp->mail('alice@campus.example') and die "taken without a login";
	die $smtp->code unless $smtp->code == 530;
	$smtp->auth("alice", "wrong") and die "taken with a wrong password";
	die $smtp->code unless $smtp->code == 535;
	PERL
}

perl_fetches() {
	perl - "$BASE" "$CA" $BOB $PASSWORD <<-'PERL'
	use strict;
	use warnings;
	use Net::POP3;
	my ($base, $ca, $user, $password) = @ARGV;
	my $pop = Net::POP3->new("localhost", Port => $base + 110,
	    Timeout => 20) or die "connect: $@";
	$pop->starttls(SSL_ca_file => $ca) or die "stls: $@";
	my $count = $pop->login($user, $password);
	die "login: " . $pop->message unless $count;
	my $sizes = $pop->list;
	die "list" unless keys %$sizes == $count;
	for my $n (1 .. $count) {
		my $lines = $pop->get($n) or die "get $n";
		s/\r?\n\z/\r\n/ for @$lines;
		my $size = length join "", @$lines;
		die "message $n has $size octets, not $$sizes{$n}"
		    unless $size == $$sizes{$n};
	}
	$pop->quit or die "quit";
	PERL
}

# As a mail reader works: by SASL, a look at the headers, one removed, undone.
perl_works() { # MECHANISM
	post $BOB && perl - "$BASE" "$CA" $BOB $PASSWORD "$1" "$token" <<-'PERL'
	use strict;
	use warnings;
	use Authen::SASL qw(Perl);
	use Net::POP3;
	my ($base, $ca, $user, $password, $mechanism, $token) = @ARGV;
	my $pop = Net::POP3->new("localhost", Port => $base + 995, SSL => 1,
	    SSL_ca_file => $ca, Timeout => 20) or die "connect: $@";
	my $capa = $pop->capa or die "capa";
	die "no PIPELINING" unless exists $capa->{PIPELINING};
	die "APOP: " . $pop->message if defined $pop->apop($user, $password);
	my $sasl = Authen::SASL->new(mechanism => $mechanism,
	    callback => { user => $user, pass => $password });
	$pop->auth($sasl) or die "auth: " . $pop->message;
	my $ids = $pop->uidl or die "uidl";
	my ($count, $octets) = $pop->popstat;
	die "popstat" unless $count == keys %$ids;
	my $top = join "", @{$pop->top($count, 0)};
	die "top: $top" unless $top =~ /^Subject: $token\r?$/m;
	die "the body is in it" if $top =~ /last/;
	my $all = join "", @{$pop->get($count)};
	die "get: $all" unless $all =~ /\n\.\r?\n\.\.\r?\nlast\r?\n\z/;
	$pop->delete($count) or die "delete";
	die "it can still be read" if $pop->get($count);
	$pop->reset; # which says nothing in any case
	$pop->list($count) or die "reset";
	$pop->delete($count) or die "delete again";
	$pop->quit or die "quit";
	PERL
	[ "$(copies bob "$token")" = 0 ]
}

use_perl() {
	local mechanism
	have perl || return
	perl -MNet::SMTP -MIO::Socket::SSL -MAuthen::SASL -e 1 2>/dev/null || {
		skip_client "perl has no IO::Socket::SSL or no Authen::SASL"
		return
	}
	for mechanism in $(mechanisms); do
		case $mechanism in SCRAM-*) continue ;; esac
		try "perl Net::SMTP $mechanism" sends_as ESMTPSA \
		    "perl_sends $mechanism"
	done
	try "perl Net::SMTP is refused where it should be" perl_is_refused
	try "perl Net::POP3, every size as listed" perl_fetches
	for mechanism in $(mechanisms); do
		case $mechanism in SCRAM-*) continue ;; esac
		try "perl Net::POP3 $mechanism" perl_works "$mechanism"
	done
}
