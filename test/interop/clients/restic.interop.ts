import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { sha256OfFile } from "../fixtures.ts";
import { type Ran, attempt, run } from "../run.ts";
import { runSubject } from "../run-subject.ts";
import { environment, type Session } from "../session.ts";
import { type Says, saysUnder, type Step, type Subject, type World } from "../steps.ts";

const command = (session: Session, bucket: string, args: readonly string[]) => ({
  file: "/usr/bin/restic",
  args: ["--no-cache", "--option", "s3.bucket-lookup=path", ...args],
  env: {
    ...environment(session),
    RESTIC_REPOSITORY: `s3:${session.url}/${bucket}/repository`,
    RESTIC_PASSWORD: "interop",
  },
});

const restic = ({ session, bucket }: World, ...args: readonly string[]): Promise<string> =>
  run(command(session, bucket, args));

/** restic has words but no codes, and its exit status has changed its meaning over the years. */
function reported({ status, stderr }: Ran): string {
  const words = /Access Denied|does not exist|401 Unauthorized/.exec(stderr)?.[0];
  return status === 0 ? "no error" : (words ?? stderr);
}

function mistakeStep(wanted: {
  id: string;
  change: Partial<Session>;
  suffix: string;
  says: Says;
}): Step {
  return {
    id: `reports:${wanted.id}`,
    promise: `reports as its own error: ${wanted.id.replaceAll("-", " ")}`,
    says: wanted.says,
    run: async ({ session, bucket }) => {
      const changed = { ...session, ...wanted.change };
      const ran = await attempt(command(changed, `${bucket}${wanted.suffix}`, ["cat", "config"]));
      expect(reported(ran)).toBe(saysUnder(wanted.says, session.profile));
    },
  };
}

async function sourceOf({ session, fixtures }: World): Promise<string> {
  const source = join(session.home, "source");
  await mkdir(join(source, "ü b+c"), { recursive: true });
  await copyFile(fixtures.small.file, join(source, "ü b+c", "%41 🗝️"));
  await copyFile(fixtures.medium.file, join(source, "medium"));
  return source;
}

/** It asks with a HEAD, so it has the status alone. */
const refused = { documented: "401 Unauthorized", aws: "Access Denied" } as const;

const steps: readonly Step[] = [
  {
    id: "restic:init",
    promise: "makes the bucket and a repository in it",
    run: async (world) => void (await restic(world, "init")),
  },
  {
    id: "restic:backup",
    promise: "backs up files, odd names among them",
    run: async (world) => void (await restic(world, "backup", await sourceOf(world))),
  },
  {
    id: "restic:check",
    promise: "finds every byte of the repository sound",
    run: async (world) => {
      expect(await restic(world, "check", "--read-data")).toContain("no errors");
    },
  },
  {
    id: "restic:restore",
    promise: "restores the same bytes",
    run: async (world) => {
      const target = join(world.session.home, "restored");
      await restic(world, "restore", "latest", "--target", target);
      const restored = join(target, world.session.home, "source");
      expect(await sha256OfFile(join(restored, "medium"))).toBe(world.fixtures.medium.sha256);
      const odd = join(restored, "ü b+c", "%41 🗝️");
      expect(await sha256OfFile(odd)).toBe(world.fixtures.small.sha256);
    },
  },
  {
    id: "restic:forget",
    promise: "forgets the snapshot and prunes its data",
    run: async (world) => {
      const [snapshot]: { id: string }[] = JSON.parse(await restic(world, "snapshots", "--json"));
      await restic(world, "forget", "--prune", String(snapshot?.id));
      expect(JSON.parse(await restic(world, "snapshots", "--json")) ?? []).toEqual([]);
    },
  },
  mistakeStep({
    id: "missing-bucket",
    change: {},
    suffix: "-none",
    says: "does not exist",
  }),
  mistakeStep({
    id: "wrong-secret",
    change: { secretAccessKey: "wrong/wrong+wrong/wrong+wrong/wrong+wron" },
    suffix: "",
    says: refused,
  }),
  mistakeStep({
    id: "unknown-key-id",
    change: { accessKeyId: "AKIAUNKNOWNUNKNOWNXX" },
    suffix: "",
    says: refused,
  }),
];

const subject: Subject = {
  name: "restic",
  needs: "restic",
  version: async (session) =>
    (await run({ file: "/usr/bin/restic", args: ["version"], env: environment(session) })).replace(
      /^restic (\S+).*$/s,
      "$1",
    ),
  cannot: {},
  steps,
};

runSubject(subject);
