// Records events for ever, some thousands in a second, and says of each when it was recorded, in lines of "number time".
import { writeSync } from "node:fs";
import { openAudit } from "@holdfast/gateway";

const [directory, windowMs] = process.argv.slice(2);
const audit = await openAudit({ directory, windowMs: Number(windowMs) });
let count = 0;
setInterval(() => {
  let said = "";
  for (let index = 0; index < 25; index += 1) {
    count += 1;
    audit.record({ kind: "write", operation: "PutObject", bucket: "b", key: `key-${count}` });
    said += `${count} ${Date.now()}\n`;
  }
  writeSync(1, said);
}, 5);
