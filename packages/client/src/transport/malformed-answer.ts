/** Bytes that are no answer, or not surely one. Says why in words of its own, and none of what was sent. */
export class MalformedAnswer extends Error {
  static {
    this.prototype.name = "MalformedAnswer";
  }

  /** Throws one. */
  static refuse(why: string): never {
    throw new MalformedAnswer(`The answer is refused: ${why}.`);
  }
}
