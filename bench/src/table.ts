function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |\n`;
}

/** A Markdown table: the first column to the left, the others to the right. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = heads.map((_, index) => (index === 0 ? "---" : "---:"));
  return [heads, rule, ...rows].map(line).join("");
}
