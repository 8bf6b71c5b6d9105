import { s3Error, type S3Error } from "@holdfast/protocol";

type Query = ReadonlyMap<string, string>;

/** S3 never returns more entries in a page, whatever is asked for. */
const pageMax = 1000;
const countMax = 2_147_483_647;

/** A `max-keys` of any listing: absent is 1000, more than 1000 is 1000, and 0 is allowed. */
export function readLimit(query: Query, name: string): number {
  return Math.min(readCount(query, name) ?? pageMax, pageMax);
}

/** A number of S3, 0 to 2,147,483,647, or undefined when it is not said; `InvalidArgument` for others. */
export function readCount(query: Query, name: string): number | undefined {
  const value = query.get(name);
  if (value === undefined || value === "") return undefined;
  if (/^\d{1,10}$/.test(value) && Number(value) <= countMax) return Number(value);
  const message = `Argument ${name} must be an integer between 0 and ${countMax}`;
  throw invalidArgument(name, value, message);
}

/** `encoding-type=url`: keys are percent-encoded in the answer, so that XML can carry any of them. */
export function readEncoding(query: Query): (text: string) => string {
  const value = query.get("encoding-type");
  if (value === undefined) return (text) => text;
  if (value === "url") return encodeKey;
  throw invalidArgument("encoding-type", value, "Invalid Encoding Method specified in Request");
}

/** A key as a URL's path carries it: S3 leaves slashes as they are. */
export function encodeKey(text: string): string {
  return encodeURIComponent(text)
    .replaceAll("%2F", "/")
    .replaceAll(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A token is the place to go on from, in a form that clients have no reason to look into. */
export function encodeToken(after: string): string {
  return Buffer.from(after).toString("base64url");
}

/** `InvalidArgument` for what `encodeToken` did not make. */
export function decodeToken(token: string | undefined, name: string): string | undefined {
  if (token === undefined) return undefined;
  const bytes = Buffer.from(token, "base64url");
  const after = bytes.toString();
  if (token !== "" && bytes.toString("base64url") === token && Buffer.from(after).equals(bytes)) {
    return after;
  }
  throw invalidArgument(name, token, "The continuation token provided is incorrect");
}

export function invalidArgument(name: string, value: string, message: string): S3Error {
  return s3Error("InvalidArgument", undefined, {
    message,
    extra: { ArgumentName: name, ArgumentValue: value },
  });
}
