// Adds one to the number in a file, so many times, by reading it and swapping it for the next; says of each that it is done.
import { writeSync } from "node:fs";
import { LocalDriver, PreconditionFailed, Store } from "@holdfast/store";

const [root, times] = process.argv.slice(2);
const store = Store.over(new LocalDriver({ root }));
for (let done = 0; done < Number(times);) {
  const stream = await store.read("d/n");
  const count = Number(Buffer.from(await stream.bytes()).toString());
  try {
    await store.writeText("d/n", String(count + 1), { ifMatch: stream.info.etag });
    done += 1;
    writeSync(1, "+");
  } catch (error) {
    if (!PreconditionFailed.is(error)) throw error;
  }
}
