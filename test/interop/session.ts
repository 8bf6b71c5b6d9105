import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { Endpoint } from "./context.ts";

/** An endpoint as one client sees it: with a credential that may be false, and a home directory of its own. */
export interface Session extends Endpoint {
  readonly home: string;
}

/** Opens a session with an empty home below `directory`. */
export async function openSession(endpoint: Endpoint, directory: string): Promise<Session> {
  return { ...endpoint, home: await mkdtemp(join(directory, "home-")) };
}

/** The environment of a client process: Debian's own programs first, nothing inherited, nothing looked up elsewhere. */
export function environment(session: Session): Record<string, string> {
  return {
    PATH: "/usr/bin:/bin:/usr/sbin:/sbin",
    HOME: session.home,
    TMPDIR: session.home,
    LANG: "C.UTF-8",
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_DEFAULT_REGION: session.region,
    AWS_EC2_METADATA_DISABLED: "true",
    BOTO_DISABLE_CRT: "true",
  };
}
