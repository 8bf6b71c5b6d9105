import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatAmzDate,
  formatHttpDate,
  formatIsoDate,
  parseAmzDate,
  parseHttpDate,
  parseIsoDate,
} from "./dates.ts";

const now = Date.UTC(2026, 0, 1);
/** Seconds from 1970 to the end of the year 9999. */
const anySecond = fc.integer({ min: 0, max: 253_402_300_799 });

test("a second comes back from every form it is written in", () => {
  fc.assert(
    fc.property(anySecond, (second) => {
      const time = second * 1000;
      expect(parseHttpDate(formatHttpDate(time), now)).toBe(time);
      expect(parseAmzDate(formatAmzDate(time))).toBe(time);
      expect(parseIsoDate(formatIsoDate(time))).toBe(time);
    }),
    { numRuns: 500 },
  );
});

test("a millisecond comes back from XML, and is dropped elsewhere", () => {
  fc.assert(
    fc.property(anySecond, fc.nat(999), (second, fraction) => {
      const time = second * 1000 + fraction;
      expect(parseIsoDate(formatIsoDate(time))).toBe(time);
      expect(parseHttpDate(formatHttpDate(time), now)).toBe(second * 1000);
      expect(parseAmzDate(formatAmzDate(time))).toBe(second * 1000);
    }),
  );
});

test("the three forms of RFC 9110's example are one time", () => {
  const time = Date.UTC(1994, 10, 6, 8, 49, 37);
  expect(formatHttpDate(time)).toBe("Sun, 06 Nov 1994 08:49:37 GMT");
  expect(parseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT", now)).toBe(time);
  expect(parseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT", now)).toBe(time);
  expect(parseHttpDate("Sun Nov  6 08:49:37 1994", now)).toBe(time);
});

test("the forms of S3's own documentation", () => {
  const time = Date.UTC(2009, 9, 12, 17, 50, 30);
  expect(formatIsoDate(time)).toBe("2009-10-12T17:50:30.000Z");
  expect(parseIsoDate("2009-10-12T17:50:30Z")).toBe(time);
  expect(parseAmzDate("20130524T000000Z")).toBe(Date.UTC(2013, 4, 24));
  expect(formatAmzDate(Date.UTC(2013, 4, 24))).toBe("20130524T000000Z");
});

function yearOf(text: string): number | undefined {
  const time = parseHttpDate(`Monday, 02-Jan-${text} 00:00:00 GMT`, now);
  return time === undefined ? undefined : new Date(time).getUTCFullYear();
}

test("a two-digit year is the one at most 50 years ahead", () => {
  expect(["00", "26", "76", "77", "99"].map(yearOf)).toEqual([2000, 2026, 2076, 1977, 1999]);
});

test("a day exists in a date's form exactly when the calendar has it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 31 }),
      (year, month, day) => {
        const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
        const last = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
        const text = [
          `${year}`.padStart(4, "0"),
          `${month}`.padStart(2, "0"),
          `${day}`.padStart(2, "0"),
        ];
        const parsed = parseAmzDate(`${text.join("")}T120000Z`);
        expect(parsed === undefined).toBe(day > last);
        expect(parseIsoDate(`${text.join("-")}T12:00:00Z`)).toBe(parsed);
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  "",
  "Sun, 30 Feb 2020 00:00:00 GMT",
  "Sun, 00 Jan 2020 00:00:00 GMT",
  "Sun, 06 Nov 1994 24:00:00 GMT",
  "Sun, 06 Nov 1994 08:60:00 GMT",
  "Sun, 06 Nov 1994 08:49:61 GMT",
  "Sun, 6 Nov 1994 08:49:37 GMT",
  "Sun, 06 Nov 1994 08:49:37",
  "Sun, 06 Nov 1994 08:49:37 UTC",
  "Sun, 06 Nov 1994 08:49:37 +0100",
  "sun, 06 nov 1994 08:49:37 gmt",
  "Sun, 06 Nov 1994 08:49:37 GMT ",
  "Sun, 06 Foo 1994 08:49:37 GMT",
  "Xyz, 06 Nov 1994 08:49:37 GMT",
  "Sun, 06 Nov 94 08:49:37 GMT",
  "Sunday, 31-Apr-94 08:49:37 GMT",
  "Sun Nov 31 08:49:37 1994",
  "1994-11-06T08:49:37Z",
  "784111777",
  "0",
  "-1",
])("%j is no HTTP date", (text) => {
  expect(parseHttpDate(text, now)).toBeUndefined();
});

test.each([
  "",
  "20130524",
  "20130524T000000",
  "20130524T000000z",
  "20130524T240000Z",
  "20130229T000000Z",
  "20131301T000000Z",
  "20130024T000000Z",
  " 20130524T000000Z",
  "20130524T000000Z\n",
  "2013-05-24T00:00:00Z",
  "03032006",
  "３0130524T000000Z",
])("%j is no date of SigV4", (text) => {
  expect(parseAmzDate(text)).toBeUndefined();
});

test.each([
  "",
  "2009-10-12",
  "2009-10-12T17:50:30",
  "2009-10-12T17:50:30+00:00",
  "2009-02-29T00:00:00Z",
  "2009-10-12T17:50:30.Z",
  "2009-10-12 17:50:30Z",
  "+002009-10-12T17:50:30Z",
])("%j is no date of S3's XML", (text) => {
  expect(parseIsoDate(text)).toBeUndefined();
});
