import type { View } from "../index/view.ts";

/** Records of buckets and counts are shorter; longer ones are not worth the memory. */
const rememberedBytesMax = 64;

/**
 * The same view for as long as nothing changes in it, with short records looked up once: every write
 * of a commit asks for its bucket.
 */
export function remembering(view: View): View {
  const remembered = new Map<string, Buffer>();
  return {
    get(key) {
      const name = key.toString("latin1");
      const known = remembered.get(name);
      if (known !== undefined) return known;
      const value = view.get(key);
      if (value !== undefined && value.length <= rememberedBytesMax) remembered.set(name, value);
      return value;
    },
    range: (range) => view.range(range),
  };
}
