import type { Limited, Reply } from "../context.ts";
import type { Standing } from "../quota/quotas.ts";

/** A bucket that a write left over its soft limit. */
export interface SoftQuota {
  readonly request: Limited;
  readonly usedBytes: number;
  /** This write took it there; others found it so. */
  readonly hasCrossed: boolean;
}

/** Says on the answer, and to who wants to know, that the bucket is over its soft limit. */
export function settle(request: Limited, reply: Reply, { standing, onSoftQuota }: Settling): Reply {
  if (standing === undefined || !standing.isOverSoft) return reply;
  const { usedBytes, hasCrossedSoft: hasCrossed } = standing;
  onSoftQuota?.({ request, usedBytes, hasCrossed });
  return { ...reply, headers: { ...reply.headers, "x-holdfast-quota": "soft" } };
}

interface Settling {
  readonly standing: Standing | undefined;
  readonly onSoftQuota: ((event: SoftQuota) => void) | undefined;
}
