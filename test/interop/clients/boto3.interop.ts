import { runClient } from "../run-subject.ts";
import { boto3 } from "./boto3.ts";

runClient(boto3);
