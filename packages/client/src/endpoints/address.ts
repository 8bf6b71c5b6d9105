import { checkKey, S3Error, uriEncode } from "@holdfast/protocol";
import { WireFailure } from "../errors/wire-failure.ts";
import type { Endpoint } from "./endpoint.ts";

/** Where a request goes, and what it asks for there. */
export interface Address {
  readonly hostname: string;
  /** What the `host` header says: with the port, unless it is the scheme's own. */
  readonly host: string;
  /** Path and query, percent-encoded. */
  readonly target: string;
}

/** What an address is made of. */
export interface Addressed {
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  readonly query?: readonly (readonly [name: string, value: string | undefined])[] | undefined;
}

/** What some service may take for a bucket; the rules of AWS are its own to enforce. */
const sendableBucket = /^(?!\.{1,2}$)[A-Za-z0-9._:-]{1,255}$/;
const dnsLabels = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

/** Addresses a request. A bucket or key that no service can have is refused here, before anything is sent. */
export function addressOf(endpoint: Endpoint, { bucket, key, query }: Addressed): Address {
  let { hostname, host } = endpoint;
  let path = endpoint.basePath;
  if (bucket !== undefined) {
    if (!sendableBucket.test(bucket)) throw invalid("InvalidBucketName", bucketRule(bucket));
    if (isVirtualHosted(endpoint, bucket)) {
      hostname = `${bucket}.${hostname}`;
      host = `${bucket}.${host}`;
    } else {
      path += `/${bucket}`;
    }
  }
  if (key !== undefined && bucket === undefined) {
    throw invalid("InvalidRequest", "There is a key, and no bucket that it is in.");
  }
  if (key !== undefined) path += `/${encodeKey(key)}`;
  if (path === "") path = "/";
  return { hostname, host, target: query === undefined ? path : path + encodeQuery(query) };
}

function isVirtualHosted({ addressing, secure, isAddress }: Endpoint, bucket: string): boolean {
  if (addressing !== "virtual-hosted" || isAddress || !dnsLabels.test(bucket)) return false;
  // A certificate for *.host names one label, so a bucket with a dot has none.
  return !secure || !bucket.includes(".");
}

const plainKey = /^[A-Za-z0-9\-._~/]+$/;

function encodeKey(key: string): string {
  if (plainKey.test(key) && key.length <= 1024) return key;
  try {
    checkKey(key);
    return key.split("/").map(uriEncode).join("/");
  } catch (cause) {
    if (S3Error.is(cause))
      throw new WireFailure({ code: cause.code, message: cause.message, cause });
    throw invalid("InvalidURI", "The key has half of a surrogate pair, so it has no UTF-8.");
  }
}

function encodeQuery(query: NonNullable<Addressed["query"]>): string {
  let text = "";
  for (const [name, value] of query) {
    if (value === undefined) continue;
    text += text === "" ? "?" : "&";
    text += value === "" ? uriEncode(name) : `${uriEncode(name)}=${uriEncode(value)}`;
  }
  return text;
}

function invalid(code: string, message: string): WireFailure {
  return new WireFailure({ code, message });
}

function bucketRule(bucket: string): string {
  return bucket === ""
    ? "The bucket's name is empty."
    : `"${bucket.slice(0, 80)}" cannot be a bucket's name.`;
}
