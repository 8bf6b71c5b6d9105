import { rolldown } from "rolldown";

/**
 * The length in bytes of a module and of all that it loads at once, minified; Node's own modules left out, and those
 * whose address `without` matches.
 */
export async function bundledBytes(input, without = /^node:/) {
  const bundle = await rolldown({
    input,
    platform: "node",
    external: [/^node:/, "@node-rs/crc32", without],
    logLevel: "silent",
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const chunks = new Map(output.map((chunk) => [chunk.fileName, chunk]));
  const loaded = new Set(output.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName));
  for (const name of loaded) for (const next of chunks.get(name)?.imports ?? []) loaded.add(next);
  let bytes = 0;
  for (const name of loaded) bytes += Buffer.byteLength(chunks.get(name)?.code ?? "");
  return bytes;
}
