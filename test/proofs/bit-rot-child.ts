import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

/** What an engine in a process of its own answered. */
export interface Answers {
  /** By key: SHA-256 of the bytes, or code and reason of the failure. */
  readonly objects: Readonly<Record<string, string>>;
  /** The keys of a listing, or the reason of its failure. */
  readonly listed: readonly string[] | string;
  readonly damaged: number;
}

const engine = pathToFileURL(join(import.meta.dirname, "../../packages/engine/dist/index.js"));

/** Plain JavaScript over the built engine, for Node.js runs no TypeScript by itself. */
const program = `
import { createHash } from "node:crypto";
import { once } from "node:events";
import { openEngine } from ${JSON.stringify(engine.href)};
const [directory, bucket, ...keys] = process.argv.slice(1);
const engine = await openEngine({ directory });
console.log("open");
await once(process.stdin, "data");
const said = (error) => error.code + " " + error.reason;
const read = async (key) => {
  const hash = createHash("sha256");
  const object = await engine.openObject(bucket, key);
  for await (const piece of object.read()) hash.update(piece);
  await object.close();
  return hash.digest("hex");
};
const objects = {};
for (const key of keys) objects[key] = await read(key).catch(said);
const page = { bucket, prefix: "", delimiter: "", after: "", limit: 1000 };
const listed = await engine.listObjects(page).then(({ entries }) => entries.map(({ object }) => object.key), said);
const { damaged } = await engine.scrub();
console.log(JSON.stringify({ objects, listed, damaged }));
process.exit();
`;

/** Opens a directory in another process, lets `meanwhile` happen, and asks for everything; undefined when that process died of it. */
export async function askAnother(
  {
    directory,
    bucket,
    keys,
  }: { readonly directory: string; readonly bucket: string; readonly keys: readonly string[] },
  meanwhile: () => void,
): Promise<Answers | undefined> {
  const args = ["--input-type=module", "-e", program, directory, bucket, ...keys];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const closed = once(child, "close");
  await Promise.race([once(reader, "line"), closed]);
  if (lines[0] !== "open") throw new Error("the engine did not open");
  meanwhile();
  // One that died already takes no more.
  child.stdin.on("error", () => undefined);
  child.stdin.end("go\\n");
  await closed;
  return lines[1] === undefined ? undefined : JSON.parse(lines[1]);
}
