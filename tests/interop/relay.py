#!/usr/bin/env python3
"""relay.py - hands a message to another mail server, for it to relay.

  relay.py PORT FROM TO[,TO] [MAIL-PARAMETER | rcpt:RCPT-PARAMETER] ... < MESSAGE

The message is as it stands, LF line ends, in UTF-8.  With RELAY_PASSWORD in the
environment FROM logs in by it, over TLS.
"""
import os
import smtplib
import ssl
import sys


def login(smtp, user, password):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    smtp.starttls(context=context)
    smtp.login(user, password)


def main(port, sender, recipient, *parameters):
    of_rcpt = [word[5:] for word in parameters if word.startswith("rcpt:")]
    of_mail = [word for word in parameters if not word.startswith("rcpt:")]
    message = sys.stdin.buffer.read()
    with smtplib.SMTP("127.0.0.1", int(port), "desk.far.example",
                      timeout=120) as smtp:
        smtp.ehlo()
        if "RELAY_PASSWORD" in os.environ:
            login(smtp, sender, os.environ["RELAY_PASSWORD"])
            message = message.replace(b"\n", b"\r\n")
        if not (sender + recipient).isascii():
            of_mail.append("SMTPUTF8")
            smtp.command_encoding = "utf-8"
        refused = smtp.sendmail(sender, recipient.split(","), message, of_mail, of_rcpt)
        assert not refused, refused


if __name__ == "__main__":
    main(*sys.argv[1:])
