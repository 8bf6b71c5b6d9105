import { fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";

const libsql = createRequire(import.meta.url).resolve("libsql");

/** Has the write lock of the file, as another process that writes, until it is told to let go. */
export async function holdLock(path: string): Promise<() => Promise<void>> {
  const script = `
    const [path, libsql] = process.argv.slice(1);
    const database = new (require(libsql))(path);
    database.exec("begin immediate");
    process.once("disconnect", () => { database.exec("commit"); database.close(); });
    process.send("held");
  `;
  const child = fork("-e", [script, path, libsql], { execArgv: [] });
  await once(child, "message");
  return async () => {
    const gone = once(child, "exit");
    child.disconnect();
    await gone;
  };
}
