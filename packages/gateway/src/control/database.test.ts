import { fork } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sql, type Generated } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { controlSchema } from "./control-schema.ts";
import { openDatabase, type ControlDatabase } from "./database.ts";
import { ControlOpenError } from "./open-error.ts";
import type { SchemaPart } from "./schema-part.ts";
import { schemaParts } from "./schema-parts.ts";

let directory = "";
let path = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "control-database-"));
  path = join(directory, "control.db");
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const notes: SchemaPart = {
  name: "notes",
  steps: ["create table notes (id integer primary key, text text, data blob) strict"],
};
const longerNotes: SchemaPart = {
  name: "notes",
  steps: [...notes.steps, "alter table notes add column at integer; update notes set at = 7"],
};

type NotesTables = {
  readonly notes: {
    readonly id: Generated<number>;
    readonly text: unknown;
    readonly data: unknown;
    readonly at: Generated<number | null>;
  };
};

test("a database, its log and its index are readable by their owner alone", async () => {
  await writeFile(path, "");
  await chmod(path, 0o644);
  const database = await openDatabase(path);
  const modes = await Promise.all(
    ["", "-wal", "-shm"].map(async (end) => ((await stat(path + end)).mode & 0o777).toString(8)),
  );
  await database.close();
  expect(modes).toEqual(["600", "600", "600"]);
});

test("a part brings its own tables, and takes older ones further, once", async () => {
  const first = await openDatabase(path, [controlSchema, notes]);
  await first.kysely.withTables<NotesTables>().insertInto("notes").values({ text: "a" }).execute();
  await first.close();
  for (const _ of [1, 2]) {
    const later = await openDatabase(path, [controlSchema, longerNotes]);
    const rows = await later.kysely
      .withTables<NotesTables>()
      .selectFrom("notes")
      .selectAll()
      .execute();
    await later.close();
    expect(rows).toEqual([{ id: 1, text: "a", data: null, at: 7 }]);
  }
});

test.each([
  ["a part that is further", [controlSchema, notes]],
  ["a part that is not known", [controlSchema]],
])("a database with %s is refused as newer, and left as it was", async (_, parts) => {
  await (await openDatabase(path, [controlSchema, longerNotes])).close();
  await expect(openDatabase(path, parts)).rejects.toMatchObject({ code: "DATABASE_NEWER" });
  await (await openDatabase(path, [controlSchema, longerNotes])).close();
});

test("a step that fails leaves the database at the version before", async () => {
  await (await openDatabase(path, [controlSchema, notes])).close();
  const broken = { name: "notes", steps: [...notes.steps, "drop table notes; drop table notes"] };
  await expect(openDatabase(path, [controlSchema, broken])).rejects.toThrow(ControlOpenError);
  const again = await openDatabase(path, [controlSchema, longerNotes]);
  expect(
    await again.kysely.withTables<NotesTables>().selectFrom("notes").selectAll().execute(),
  ).toEqual([]);
  await again.close();
});

const schemaOf = async (database: ControlDatabase): Promise<unknown> => {
  const { rows } = await sql`select type, name, sql from sqlite_schema order by name`.execute(
    database.kysely,
  );
  await database.close();
  return rows;
};

test("from every older version a database comes to the same schema as a new one", async () => {
  const wanted = await schemaOf(await openDatabase(path));
  for (const part of schemaParts) {
    for (let steps = 0; steps <= part.steps.length; steps += 1) {
      const older = join(directory, `${part.name}-${steps}.db`);
      const parts = schemaParts.map((one) =>
        one === part ? { ...part, steps: part.steps.slice(0, steps) } : one,
      );
      await (await openDatabase(older, parts)).close();
      expect(await schemaOf(await openDatabase(older))).toEqual(wanted);
    }
  }
});

test("a file that is no database, and a directory that is not there, are refused", async () => {
  await writeFile(path, Buffer.alloc(8192, 7));
  await expect(openDatabase(path)).rejects.toMatchObject({ code: "DATABASE_DAMAGED" });
  const nowhere = join(directory, "none", "control.db");
  await expect(openDatabase(nowhere)).rejects.toMatchObject({ code: "DATABASE_FAILED" });
});

test("eight processes that start at once on no database all start", async () => {
  const program = new URL("../../dist/control/database.js", import.meta.url);
  const children = Array.from({ length: 8 }, () =>
    fork(
      "-e",
      [
        `import(${JSON.stringify(program.href)}).then((it) => it.openDatabase(process.argv[1])).then((it) => it.close())`,
        path,
      ],
      { execArgv: [] },
    ),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0]));
  expect(codes).toEqual(Array.from({ length: 8 }, () => 0));
});

test("transactions take turns, and one that fails leaves nothing", async () => {
  const database = await openDatabase(path, [controlSchema, notes]);
  const kysely = database.kysely.withTables<NotesTables>();
  const results = await Promise.allSettled(
    Array.from(
      { length: 20 },
      async (_, index) =>
        await kysely.transaction().execute(async (tx) => {
          await tx
            .insertInto("notes")
            .values({ text: `a${index}` })
            .execute();
          if (index % 2 === 0) throw new Error("as planned");
          await tx
            .insertInto("notes")
            .values({ text: `b${index}` })
            .execute();
        }),
    ),
  );
  const rows = await kysely.selectFrom("notes").select("text").orderBy("id").execute();
  await database.close();
  expect(results.filter(({ status }) => status === "rejected")).toHaveLength(10);
  const odd = Array.from({ length: 10 }, (_, index) => 2 * index + 1);
  expect(rows.map(({ text }) => text)).toEqual(odd.flatMap((n) => [`a${n}`, `b${n}`]));
});

test("who waits for another writer keeps neither requests nor the clock waiting", async () => {
  const one = await openDatabase(path);
  const two = await openDatabase(path);
  const row = { disabled: 0, created_at: 0 };
  const first = one.kysely.transaction().execute(async (tx) => {
    await tx
      .insertInto("tenants")
      .values({ name: "acme", ...row })
      .execute();
    for (let ticks = 0; ticks < 20; ticks += 1) await sleep(10);
  });
  const second = two.kysely
    .insertInto("tenants")
    .values({ name: "bolt", ...row })
    .execute();
  await Promise.all([first, second]);
  expect(await one.kysely.selectFrom("tenants").select("name").orderBy("name").execute()).toEqual([
    { name: "acme" },
    { name: "bolt" },
  ]);
  await one.close();
  await two.close();
});

test("what a database would change on the way is refused before it gets there", async () => {
  const database = await openDatabase(path, [controlSchema, longerNotes]);
  const kysely = database.kysely.withTables<NotesTables>();
  for (const text of [true, undefined, {}, new Date(0), "a\0b", "\ud800", Number.NaN]) {
    await expect(
      kysely.selectFrom("notes").selectAll().where("text", "=", text).execute(),
    ).rejects.toThrow(TypeError);
  }
  const data = Uint8Array.of(0, 1, 255);
  await kysely
    .insertInto("notes")
    .values({ text: "\u{1f600} ü", data, at: 2 ** 40 + 1 })
    .execute();
  const [row] = await kysely.selectFrom("notes").selectAll().execute();
  await database.close();
  expect(row).toEqual({ id: 1, text: "\u{1f600} ü", data, at: 2 ** 40 + 1 });
});
