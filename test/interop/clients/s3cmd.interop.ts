import { runClient } from "../run-subject.ts";
import { s3cmd } from "./s3cmd.ts";

runClient(s3cmd);
