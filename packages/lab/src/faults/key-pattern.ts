/** Matches whole keys; `*` stands for any characters. */
export function keyPattern(key: string): RegExp {
  const parts = key.split("*").map((literal) => literal.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "su");
}
