import type { CorsRule } from "@holdfast/protocol";
import type { AnonymousBinding, Attachment, Control } from "./access/control.ts";
import type { Credential } from "./access/credential.ts";
import { rootControl } from "./access/root-control.ts";
import { credentials } from "./s3-subject.test.support.ts";

/** The tests' control plane: maps, which a test may change while the gateway runs. */
export interface PublicControl extends Control {
  readonly credentials: Map<string, Credential>;
  readonly bindings: Map<string, AnonymousBinding>;
  readonly rules: Map<string, readonly CorsRule[]>;
  readonly attached: Map<string, Attachment>;
}

/** Knows the root of the tests, and what the maps hold beside it. */
export function publicControl(): PublicControl {
  const root = rootControl(credentials);
  const others = new Map<string, Credential>();
  const bindings = new Map<string, AnonymousBinding>();
  const rules = new Map<string, readonly CorsRule[]>();
  const attached = new Map<string, Attachment>();
  return {
    ...root,
    credentials: others,
    bindings,
    rules,
    attached,
    credential: (id) => others.get(id) ?? root.credential(id),
    attachment: (bucket) => attached.get(bucket),
    anonymous: (bucket) => bindings.get(bucket),
    cors: (bucket) => rules.get(bucket),
    async setCors(bucket, given) {
      if (given === undefined) rules.delete(bucket);
      else rules.set(bucket, given);
    },
  };
}
