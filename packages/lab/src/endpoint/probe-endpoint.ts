import type { SigningCredentials } from "@holdfast/protocol";
import type { Audit, AuditRow } from "../reports/audit.ts";
import { answerExpected, judgeAnswer } from "./judge-answer.ts";
import type { Question } from "./question.ts";
import { questions } from "./questions.ts";
import { EndpointUnusable, World } from "./world.ts";

export interface EndpointProbeOptions {
  /** `http://HOST:PORT` or `https://HOST`, without a path: buckets stand in the path. */
  readonly endpoint: string;
  /** `us-east-1` unless told. */
  readonly region?: string;
  /** What AWS's tools would find in the environment, the shared files or the machine, unless told. */
  readonly credentials?: SigningCredentials;
  /** A profile of AWS's shared files, instead. */
  readonly profile?: string;
  /** One that is there, in which nothing is left; otherwise the probe makes one and removes it. */
  readonly bucket?: string;
  /** Only these questions, by their ids; all unless told. */
  readonly only?: readonly string[];
  readonly signal?: AbortSignal;
}

/** What an endpoint itself answers. */
export interface EndpointReport {
  readonly endpoint: string;
  readonly date: string;
  readonly findings: readonly AuditRow[];
}

/** The ids of all questions, in their order. */
export const endpointQuestions: readonly string[] = questions.map(({ id }) => id);

/** Asks an endpoint what it says of mistakes, and compares it with AWS. Rejects with `EndpointUnusable` when it cannot be. */
export async function probeEndpoint(options: EndpointProbeOptions): Promise<EndpointReport> {
  const { endpoint, region = "us-east-1", bucket, only = endpointQuestions, signal } = options;
  const credentials = await credentialsOf(options);
  const world = await World.arrange({ url: new URL(endpoint), region, credentials }, bucket);
  const findings: AuditRow[] = [];
  try {
    for (const question of questions) {
      if (signal?.aborted === true) break;
      if (only.includes(question.id)) findings.push(await rowOf(question, world));
    }
  } finally {
    await world.remove();
  }
  return { endpoint, date: new Date().toISOString(), findings };
}

/** The same in words. */
export function auditOfEndpoint({ endpoint, date, findings }: EndpointReport): Audit {
  return {
    heading: "What an S3 endpoint says",
    facts: [
      ["endpoint", endpoint],
      ["date", date],
    ],
    columns: [{ name: endpoint, rows: findings }],
  };
}

async function credentialsOf({
  credentials,
  profile,
}: EndpointProbeOptions): Promise<SigningCredentials> {
  if (credentials !== undefined) return credentials;
  // Whoever only starts a lab does not wait for a client to load.
  const { fromDefaultChain, fromSharedFiles } = await import("@holdfast/client");
  const provider = profile === undefined ? fromDefaultChain() : fromSharedFiles({ profile });
  return provider().catch((cause: unknown) => {
    throw new EndpointUnusable("there are no credentials to sign with", { cause });
  });
}

async function rowOf(question: Question, world: World): Promise<AuditRow> {
  const { id, title, why } = question;
  const row = { id, title, why, target: answerExpected(question) };
  const undriven = (reason: string): AuditRow => ({
    ...row,
    observed: "not driven",
    underlying: "",
    verdict: { is: "not driven", reason },
  });
  if (question.ownBucket === true && !world.ownsBucket) {
    return undriven("it is asked only in a bucket that the probe has made");
  }
  const answered = await world.ask(question);
  if (typeof answered === "string") return undriven(answered);
  return { ...row, ...judgeAnswer(question, answered) };
}
