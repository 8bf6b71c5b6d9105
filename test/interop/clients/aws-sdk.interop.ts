import { runClient } from "../run-subject.ts";
import { awsSdk } from "./aws-sdk.ts";

runClient(awsSdk);
