import { judge } from "./judge.ts";
import type { SubjectCard } from "./messages.ts";
import type { Finding } from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { Stage, type World } from "./stage.ts";
import type { SubjectProcess } from "./subject-process.ts";
import { toldInALine, underlyingOf } from "./words.ts";
import type { Told } from "./told.ts";

/** What a subject has for an action unless its scenario says, beside the time that its bytes take on a busy machine. */
const withinMsDefault = 6000;
const bytesPerMs = 1000;

interface Playing {
  readonly process: SubjectProcess;
  /** A string says why there is none. */
  readonly card: SubjectCard | string;
  readonly seed: number;
  readonly patience: number;
}

/** Plays one scenario with one subject on a lab of their own. */
export async function playScenario(scenario: Scenario, playing: Playing): Promise<Finding> {
  const { process, card, seed, patience } = playing;
  const reason = await whyNot(scenario, card, process);
  if (reason !== undefined) return undriven(scenario, reason);
  const { isNew } = process;
  await using stage = await Stage.set(scenario, seed);
  const { withinMs = withinMsOf(scenario) } = scenario.target;
  const startMs = typeof card === "string" ? 0 : card.startMs;
  const first = await process.act(scenario.action, stage.settings, (startMs + withinMs) * patience);
  const told = isOver(first) ? first : ((await process.close()) ?? first);
  if (isOver(told) || isUnderWay(scenario)) process.end();
  // What an earlier scenario left running may have thrown: in a process of its own it shows whether it was this one.
  if (told.outcome === "died" && told.how.startsWith("uncaught") && !isNew)
    return playScenario(scenario, playing);
  if (told.outcome === "unsupported") return undriven(scenario, told.reason);
  return finding(scenario, told, await stage.look(patience));
}

function withinMsOf({ action }: Scenario): number {
  return withinMsDefault + ("bytes" in action ? action.bytes / bytesPerMs : 0);
}

/** Whether there is nothing more to be had of the process. What ends it after it has told counts as well. */
function isOver({ outcome }: Told): boolean {
  return outcome === "hung" || outcome === "died";
}

/** Whether parts of a write may still be on their way once it has failed: they are no matter of the next scenario's. */
function isUnderWay({ action }: Scenario): boolean {
  return action.do === "upload" && action.failAt !== undefined;
}

/** Why the subject cannot be driven, if it cannot. One whose process ended is loaded again. */
async function whyNot(
  { action }: Scenario,
  card: SubjectCard | string,
  process: SubjectProcess,
): Promise<string | undefined> {
  if (typeof card === "string") return card;
  if (!card.actions.includes(action.do)) return `it has no call for ${action.do}`;
  if ("inParts" in action && !card.uploadsInParts) return "it never uploads in parts";
  if (process.isReady) return undefined;
  const loaded = await process.load();
  return typeof loaded === "string" ? loaded : undefined;
}

function finding(scenario: Scenario, told: Told, world: World): Finding {
  const stored = Object.entries(world.stored).map(
    ([key, object]) => [key, object?.bytes ?? "absent"] as const,
  );
  const requests = world.requests.length;
  const [first, second] = world.requests;
  const waitedMs = first && second && second.atMs - first.atMs;
  return {
    scenario,
    told,
    observed: toldInALine(told),
    underlying: underlyingOf(world.requests),
    verdict: judge(scenario, told, { ...world, requests, waitedMs }),
    stored: Object.fromEntries(stored),
    openUploads: world.openUploads,
    requests,
  };
}

function undriven(scenario: Scenario, reason: string): Finding {
  return {
    scenario,
    observed: "not driven",
    underlying: "",
    verdict: { is: "not driven", reason },
    stored: {},
    openUploads: 0,
    requests: 0,
  };
}
