import type { AdminParts } from "./parts.ts";

/** Whether the embedded engine has a bucket of this name. */
export async function isOfEngine(
  { engine }: Pick<AdminParts, "engine">,
  name: string,
): Promise<boolean> {
  const { buckets } = await engine.listBuckets({ prefix: name, after: "", limit: 1 });
  return buckets[0]?.name === name;
}
