// Package timestamp reads points in time out of text and numbers: milliseconds
// since 1970-01-01 UTC, from 1970 to the end of 9999.
//
// Three readers, each pure (no clock, no time zone of the host):
//
//   - Parse reads RFC 3339 in all its spellings, and Wazuh's own.
//   - Digits reads a number that counts since 1970: its digits before the point
//     say what it counts (10 seconds, 13 milliseconds, 16 microseconds, 19
//     nanoseconds).
//   - A Layout reads whatever strptime can describe.
//
// What lies between two milliseconds is cut off, never rounded, so that a time
// never moves into the next second, hour or day.
package timestamp
