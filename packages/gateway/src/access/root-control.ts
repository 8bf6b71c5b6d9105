import { s3Error } from "@holdfast/protocol";
import type { Control } from "./control.ts";
import type { Credential } from "./credential.ts";

/** A control plane that knows one credential, which may do everything, and no bucket but the engine's. */
export function rootControl(root: Pick<Credential, "accessKeyId" | "secretAccessKey">): Control {
  const { accessKeyId, secretAccessKey } = root;
  const credential: Credential = { accessKeyId, secretAccessKey, grants: "all", disabled: false };
  return {
    refresh: () => {},
    credential: (id) => (id === accessKeyId ? credential : undefined),
    markUsed: () => {},
    attachment: () => undefined,
    attachments: () => [],
    anonymous: () => undefined,
    cors: () => undefined,
    // It remembers nothing: rules that a restart forgets must not be acknowledged.
    setCors: () =>
      Promise.reject(s3Error("NotImplemented", undefined, { reason: "no_control_plane" })),
  };
}
