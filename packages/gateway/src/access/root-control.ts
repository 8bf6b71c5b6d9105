import type { Control } from "./control.ts";
import type { Credential } from "./credential.ts";

/** A control plane that knows one credential, which may do everything, and no bucket but the engine's. */
export function rootControl(root: Pick<Credential, "accessKeyId" | "secretAccessKey">): Control {
  const { accessKeyId, secretAccessKey } = root;
  const credential: Credential = { accessKeyId, secretAccessKey, grants: "all", disabled: false };
  return {
    refresh: () => {},
    credential: (id) => (id === accessKeyId ? credential : undefined),
    attachment: () => undefined,
    attachments: () => [],
  };
}
