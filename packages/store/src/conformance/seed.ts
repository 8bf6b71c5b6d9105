import type { Fixture } from "./cell.ts";

/** Puts files there before a cell begins, also on a backend that cannot be written to. */
export async function seed(
  fixture: Fixture,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<void> {
  const entries = Object.entries(files).map(
    ([path, content]) =>
      [path, typeof content === "string" ? Buffer.from(content) : content] as const,
  );
  if (fixture.seed !== undefined) return fixture.seed(Object.fromEntries(entries));
  const atOnceMax = 50;
  for (let at = 0; at < entries.length; at += atOnceMax) {
    const some = entries.slice(at, at + atOnceMax);
    await Promise.all(
      some.map(([path, bytes]) => fixture.store.write(path, bytes, { overwrite: true })),
    );
  }
}

/** That many files without bytes, named by their number. */
export async function seedMany(
  fixture: Fixture,
  folder: string,
  count: number,
): Promise<readonly string[]> {
  const paths = Array.from(
    { length: count },
    (_, index) => `${folder}/${String(index).padStart(5, "0")}`,
  );
  await seed(fixture, Object.fromEntries(paths.map((path) => [path, ""])));
  return paths;
}
