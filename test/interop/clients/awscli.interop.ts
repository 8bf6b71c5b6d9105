import { runClient } from "../run-subject.ts";
import { awscli } from "./awscli.ts";

runClient(awscli);
