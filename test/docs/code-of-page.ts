import { readFileSync } from "node:fs";

/** The TypeScript of a page of the documentation: its `ts` blocks as one program, in their order. */
export function codeOfPage(path: string): string {
  const blocks = readFileSync(path, "utf8").matchAll(/^```ts\n(.*?)^```$/gms);
  const code = [...blocks].map(([, block]) => block).join("\n");
  if (code === "") throw new Error(`${path} has no ts block`);
  return code;
}
