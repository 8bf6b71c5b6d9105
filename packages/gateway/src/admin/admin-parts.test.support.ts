import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine, type OpenEngine } from "@holdfast/engine";
import { openAudit, type Audit } from "../audit/audit-log.ts";
import { openControl } from "../control/open-control.ts";
import { openQuotas } from "../quota/open-quotas.ts";
import type { Quotas } from "../quota/quotas.ts";
import type { AdminParts } from "./parts.ts";

/** An engine, a control plane and an audit of their own, in a folder that goes with them. */
export interface TestParts {
  readonly parts: AdminParts & {
    readonly engine: OpenEngine;
    readonly audit: Audit;
    readonly quotas: Quotas;
  };
  readonly close: () => Promise<void>;
}

export async function openTestParts(now: () => number = Date.now): Promise<TestParts> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-admin-"));
  const engine = await openEngine({ directory: join(directory, "data") });
  const audit = await openAudit({ directory: join(directory, "audit") });
  const masterKeyFile = join(directory, "master-keys");
  const control = await openControl({
    path: join(directory, "control.db"),
    masterKeys: { file: masterKeyFile },
    root: { accessKeyId: "ROOT", secretAccessKey: "a secret of the root" },
    now,
  });
  const quotas = await openQuotas({
    file: join(directory, "usage.db"),
    engine,
    quotaOf: (bucket) => control.quota(bucket),
    upstreams: undefined,
    attachmentOf: (bucket) => control.attachment(bucket),
  });
  return {
    parts: {
      control,
      masterKeyFile,
      quotas,
      engine,
      audit,
      page: (path) => ({ status: 200, type: "text/plain", body: path }),
      upstreams: ["ceph", "aws"],
      now,
      description: async () => ({}),
    },
    close: async () => {
      await quotas.close();
      await Promise.all([control.close(), audit.close(), engine.close()]);
      await rm(directory, { recursive: true });
    },
  };
}
