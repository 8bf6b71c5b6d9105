import { dirname } from "node:path/posix";
import { DriverFailure, type FailureKind } from "../../errors/driver-failure.ts";
import { look, type Seen } from "./look.ts";
import type { Place } from "./place.ts";
import { Requests } from "./requests.ts";
import { isWithoutReason } from "./status.ts";

/** Less than this is no room: a file system that refused a write may have some bytes left. */
const roomBytesMin = 64 * 1024;
const refiningMs = 2000;
const readOnly = 1;

/** What a write is refused for by what is at its place. */
const kindOf: Readonly<Record<Seen["kind"], FailureKind | undefined>> = {
  file: "already-exists",
  folder: "wrong-type",
  missing: undefined,
  other: "wrong-type",
  "under-file": "under-file",
};

/**
 * Why a write failed, where the server gives no reason: something is at its place, or the file system has no room or takes
 * no writes. What cannot be found out leaves the failure as it is.
 */
export async function refined(
  { session }: Requests,
  error: unknown,
  { place, overwrite }: { readonly place: Place; readonly overwrite: boolean },
): Promise<unknown> {
  if (!isWithoutReason(error)) return error;
  // Not with the call's own signal: what failed has often ended the call already.
  const requests = new Requests(session, AbortSignal.timeout(refiningMs));
  const [seen, state] = await Promise.allSettled([
    look(requests, place),
    requests.fileSystem(dirname(place.path)),
  ]);
  if (state.status === "fulfilled") {
    const { f_bavail: blocks, f_frsize: size, f_favail: files, f_flag: flags } = state.value;
    if ((flags & readOnly) !== 0) return new DriverFailure({ kind: "forbidden", cause: error });
    if (blocks * size < roomBytesMin || files === 0) {
      return new DriverFailure({ kind: "quota-exceeded", cause: error });
    }
  }
  if (seen.status === "rejected") return error;
  const kind = kindOf[seen.value.kind];
  const isOfThis = kind === undefined || (kind === "already-exists" && overwrite);
  return isOfThis ? error : new DriverFailure({ kind, cause: error });
}
