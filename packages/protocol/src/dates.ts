const monthNames = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const weekday = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const month = `(?<month>${monthNames.join("|")})`;
const time = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;

// RFC 9110, 5.6.7: the form to send, and two obsolete ones that must still be understood.
const imfFixdate = new RegExp(
  String.raw`^${weekday}, (?<day>\d\d) ${month} (?<year>\d{4}) ${time} GMT$`,
);
const rfc850Date = new RegExp(
  String.raw`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d\d)-${month}-(?<year>\d\d) ${time} GMT$`,
);
const asctimeDate = new RegExp(
  String.raw`^${weekday} ${month} (?<day>[ \d]\d) ${time} (?<year>\d{4})$`,
);
const isoDate = new RegExp(
  String.raw`^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)T${time}(?:\.(?<fraction>\d{1,9}))?Z$`,
);
const amzDate = /^\d{8}T\d{6}Z$/;

/** A time, in milliseconds since 1970, as HTTP headers carry it; what is below a second is dropped. */
export function formatHttpDate(timeMs: number): string {
  return new Date(timeMs).toUTCString();
}

/**
 * Milliseconds since 1970 of a date in one of HTTP's three forms, or undefined. `nowMs` decides the
 * century of the one with two digits: at most 50 years ahead (RFC 9110, 5.6.7).
 */
export function parseHttpDate(text: string, nowMs: number): number | undefined {
  const match = imfFixdate.exec(text) ?? asctimeDate.exec(text);
  if (match !== null) return toTime(match);
  const obsolete = rfc850Date.exec(text);
  if (obsolete === null) return undefined;
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + Number(obsolete.groups?.["year"]);
  return toTime(obsolete, year > thisYear + 50 ? year - 100 : year);
}

/** A time as S3's XML carries it: `2009-10-12T17:50:30.000Z`. */
export function formatIsoDate(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** Milliseconds since 1970 of a UTC date in ISO 8601, with or without a fraction, or undefined. */
export function parseIsoDate(text: string): number | undefined {
  return toTime(isoDate.exec(text));
}

/** A time as SigV4 writes it, `20130524T000000Z`; what is below a second is dropped. */
export function formatAmzDate(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

/** Milliseconds since 1970 of a date in SigV4's form, or undefined. */
export function parseAmzDate(text: string): number | undefined {
  // Read by position and not by groups: every signed request has one.
  return amzDate.test(text)
    ? toUtc(
        { year: digits(text, 0, 4), monthIndex: digits(text, 4, 6) - 1, day: digits(text, 6, 8) },
        { hour: digits(text, 9, 11), minute: digits(text, 11, 13), second: digits(text, 13, 15) },
      )
    : undefined;
}

function digits(text: string, start: number, end: number): number {
  return Number(text.slice(start, end));
}

function toTime(match: RegExpExecArray | null, fullYear?: number): number | undefined {
  if (match === null) return undefined;
  const { year, month: name = "", day, hour, minute, second, fraction = "" } = match.groups ?? {};
  const named = monthNames.indexOf(name);
  const monthIndex = named === -1 ? Number(name) - 1 : named;
  return toUtc(
    { year: fullYear ?? Number(year), monthIndex, day: Number(day) },
    { hour: Number(hour), minute: Number(minute), second: Number(second) },
    Number(fraction.slice(0, 3).padEnd(3, "0")),
  );
}

/** Undefined for a day or a time of day that there is not. */
function toUtc(
  { year, monthIndex, day }: { year: number; monthIndex: number; day: number },
  { hour, minute, second }: { hour: number; minute: number; second: number },
  millisecond = 0,
): number | undefined {
  const date = new Date(0);
  // Date.UTC would take the years below 100 for those of the last century.
  date.setUTCFullYear(year, monthIndex, day);
  // A day that the month lacks has become one of a neighbouring month.
  if (date.getUTCMonth() !== monthIndex) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return date.setUTCHours(hour, minute, second, millisecond);
}
