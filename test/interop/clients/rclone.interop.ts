import { runClient } from "../run-subject.ts";
import { rclone } from "./rclone.ts";

runClient(rclone);
