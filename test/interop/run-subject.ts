import { describe, expect, inject, test } from "vitest";
import type { Client } from "./client.ts";
import type { Endpoint } from "./context.ts";
import { ordinarySteps } from "./ordinary-steps.ts";
import { openSession } from "./session.ts";
import { saysUnder, type Step, type Subject } from "./steps.ts";

const { directory, endpoints, fixtures, missing } = inject("interop");

/** A missing client fails where nobody would read of a skip. */
function absence(subject: Subject): string | undefined {
  const reason = subject.needs && missing[subject.needs];
  if (reason !== undefined && process.env["CI"] === "true") throw new Error(reason);
  return reason;
}

async function runProfile(subject: Subject, endpoint: Endpoint): Promise<void> {
  const gone = absence(subject);
  const session = await openSession(endpoint, directory);
  const version = gone === undefined ? await subject.version(session) : "missing";
  const { name } = subject;
  const bucket = `${name.replaceAll(" ", "-")}-${endpoint.profile}-${process.pid}-${Date.now().toString(36)}`;
  const register = ({ id, promise, says, run }: Step): void =>
    test(`${id}: ${promise}`, async ({ task, skip }) => {
      const { profile } = endpoint;
      const words = says === undefined ? {} : { says: saysUnder(says, profile) };
      task.meta.interop = { client: name, version, profile, step: id, promise, ...words };
      const reason = gone ?? subject.cannot[id];
      if (reason !== undefined) skip(reason);
      // A step whose promise holds has nothing to say; one whose promise fails throws.
      expect(await run({ session, bucket, fixtures })).toBeUndefined();
    });
  for (const step of subject.steps) register(step);
}

/** Registers every step of a subject once per endpoint; what it cannot do is skipped with its reason. */
export function runSubject(subject: Subject, against: readonly Endpoint[] = endpoints): void {
  describe.each(against.map((endpoint) => [endpoint.profile, endpoint] as const))(
    `${subject.name}, status profile %s`,
    async (_, endpoint) => {
      await runProfile(subject, endpoint);
    },
  );
}

/** Registers the ordinary steps for a client. */
export function runClient(client: Client, against: readonly Endpoint[] = endpoints): void {
  runSubject({ ...client, steps: ordinarySteps(client) }, against);
}
