import type { Question } from "./rounds.ts";

const KIB = 1024;

function small(writers: number): Question {
  return { asks: `1 KiB, ${writers} at once`, writers, bytes: KIB };
}

/** One write at a time. */
export const oneAtATime = small(1);
/** The question that has bars. */
export const sixteenAtOnce = small(16);
/** What moves bytes rather than waits. */
const large: Question = { asks: "64 MiB, 1 at once", writers: 1, bytes: 64 * KIB * KIB };

export const questions: readonly Question[] = [oneAtATime, sixteenAtOnce, small(64), large];
