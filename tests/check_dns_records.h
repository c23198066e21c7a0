/*
 * check_dns_records.h - records for the name server of a test, as they are in
 * packets (RFC 1035 3.2).
 */
#ifndef TESTS_CHECK_DNS_RECORDS_H
#define TESTS_CHECK_DNS_RECORDS_H

struct buf;

enum { DNS_HEADER = 12 /* octets of a packet before its question */ };

/* The number of "MX" and the like; 0: not known here. */
unsigned dns_type(const char *name);

/* Appends it in network order. */
void dns_add_u16(struct buf *to, unsigned number);

/*
 * Appends a record of the name that was asked for (a pointer to the question);
 * TEXT is as in struct dns_row.
 */
void dns_add_record(struct buf *to, unsigned type, const char *text);

#endif
