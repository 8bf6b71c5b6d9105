import { runClient } from "../run-subject.ts";
import { minio } from "./minio.ts";

runClient(minio);
