import { checkFault, FaultError, type Fault, type FaultIssue } from "@holdfast/lab";
import { isMap, isScalar, isSeq } from "yaml";
import { ConfigError } from "../config/config-error.ts";
import { plainValue, readYamlFile, type YamlFile } from "../config/yaml-file.ts";
import { printable } from "../printable.ts";

/** A fault and where it stands. */
export interface PlacedFault {
  readonly fault: Fault;
  /** `FILE:LINE:COLUMN`. */
  readonly place: string;
}

/** The faults of a YAML or JSON file. Rejects with a `ConfigError` that says which word is wrong, and where. */
export async function readFaultsFile(path: string): Promise<readonly PlacedFault[]> {
  const file = await readYamlFile(path, { kind: "file of faults", flag: "--faults" });
  const { contents } = file.document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return [];
  if (!isSeq(contents)) {
    throw new ConfigError(
      `${path} holds no list of faults`,
      'write each as in "- { operation: GetObject, then: { error: SlowDown } }"',
    );
  }
  return contents.items.map((item) => placedFault(item, { file, path }));
}

interface Where {
  readonly file: YamlFile;
  readonly path: string;
}

function placedFault(item: unknown, { file, path }: Where): PlacedFault {
  const place = placeOf(item, file) ?? path;
  const value = plainValue(item, { document: file.document, origin: `The fault at ${place}` });
  try {
    return { fault: checkFault(value), place };
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    const [issue] = error.issues;
    if (issue === undefined) throw error;
    throw refusal(issue, { item, file, place });
  }
}

interface Refused {
  readonly item: unknown;
  readonly file: YamlFile;
  readonly place: string;
}

function refusal({ path, problem, mend }: FaultIssue, { item, file, place }: Refused): ConfigError {
  const where =
    path.length === 0
      ? `The fault at ${place}`
      : `${printable(path.join("."))} in ${placeWithin(item, path, file) ?? place}`;
  return new ConfigError(`${where} ${problem}`, mend);
}

/** Where the key stands that a path leads to, or the innermost of its words that is there. */
function placeWithin(item: unknown, path: readonly string[], file: YamlFile): string | undefined {
  let node = item;
  let found: string | undefined;
  for (const word of path) {
    if (!isMap(node)) break;
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === word);
    if (pair === undefined) break;
    found = placeOf(pair.key, file) ?? found;
    node = pair.value;
  }
  return found;
}

function placeOf(node: unknown, { place }: YamlFile): string | undefined {
  const isPlaced = isMap(node) || isSeq(node) || isScalar(node);
  return isPlaced && node.range ? place(node.range[0]) : undefined;
}
