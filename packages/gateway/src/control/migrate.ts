import { transacted, type LibsqlConnection } from "./libsql-driver.ts";
import { ControlOpenError } from "./open-error.ts";
import type { SchemaPart } from "./schema-part.ts";

/**
 * Takes a database to the schema of this program in one transaction, or leaves it as it was. Of two processes that
 * start at once one does it, and the other finds it done. Refuses what a newer program wrote.
 */
export async function migrate(
  connection: LibsqlConnection,
  parts: readonly SchemaPart[],
): Promise<void> {
  await transacted(connection, async () => {
    await connection.exec(
      "create table if not exists schema_parts (name text primary key, steps integer not null) strict",
    );
    const done = await stepsDone(connection);
    for (const [name, steps] of done) {
      const known = parts.find((part) => part.name === name)?.steps.length ?? 0;
      if (steps > known) throw newer(name, { steps, known });
    }
    for (const part of parts) await bring(connection, part, done.get(part.name) ?? 0);
  });
}

async function stepsDone(connection: LibsqlConnection): Promise<Map<string, number>> {
  const statement = await connection.prepare("select name, steps from schema_parts");
  const rows: readonly { readonly name: string; readonly steps: number }[] = await statement.all(
    [],
  );
  return new Map(rows.map(({ name, steps }) => [name, steps]));
}

async function bring(connection: LibsqlConnection, part: SchemaPart, from: number): Promise<void> {
  if (part.steps.length === from) return;
  for (const step of part.steps.slice(from)) await connection.exec(step);
  const remember = await connection.prepare(
    "insert into schema_parts (name, steps) values (?, ?) on conflict (name) do update set steps = excluded.steps",
  );
  remember.run([part.name, part.steps.length]);
}

function newer(part: string, { steps, known }: { steps: number; known: number }): ControlOpenError {
  return new ControlOpenError(
    "DATABASE_NEWER",
    `a newer version of Holdfast wrote the control database: its ${part} is at step ${steps}, and this version knows ${known}`,
  );
}
