/** Where in a text, counted from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** A text that is not in its format, and where it stops being so, if that is known. */
export class SyntaxMistake extends Error {
  readonly place: TextPlace | undefined;

  constructor(message: string, place?: TextPlace) {
    super(message);
    this.place = place;
  }
}

/** The place of a character, counted from 0. */
export function placeOf(text: string, offset: number): TextPlace {
  const lines = text.slice(0, offset).split(/\r\n?|\n/);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
