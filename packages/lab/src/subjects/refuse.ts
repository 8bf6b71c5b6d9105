import type { Action } from "../probe/action.ts";
import { Unsupported } from "../probe/subject.ts";

/** What an action may ask for beside the plain thing, each with the reason why a subject cannot do it. */
type Reasons = Partial<Record<"failAt" | "ifAbsent", string>>;

/** Throws an `Unsupported` where the action asks for one of these. */
export function refuse(action: Action, reasons: Reasons): void {
  for (const [word, reason] of Object.entries(reasons)) {
    if (word in action) throw new Unsupported(reason);
  }
}

/** For an action that is not among those of the subject. */
export function noCall({ do: name }: Action): Unsupported {
  return new Unsupported(`it has no call for ${name}`);
}
