/** Something that takes objects and answers for one once it is on stable storage. */
export interface Contender {
  readonly name: string;
  put(key: string, bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}
