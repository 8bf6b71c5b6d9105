import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { subjects } from "../subjects/subjects.ts";
import type { Subject } from "./subject.ts";

/** The subject of that name, or the one that the module exports: a path, from where the process stands, or a URL. */
export async function loadSubject(nameOrModule: string): Promise<Subject> {
  const known = Object.hasOwn(subjects, nameOrModule) ? subjects[nameOrModule] : undefined;
  if (known !== undefined) return known();
  const url = urlOf(nameOrModule);
  if (url === undefined) {
    const names = Object.keys(subjects).join(", ");
    throw new TypeError(
      `There is no subject ${nameOrModule}: give a module's path, or one of ${names}.`,
    );
  }
  const exported: unknown = await import(url);
  const found = Object.values(Object(exported)).find(isSubject);
  if (found === undefined) throw new TypeError(`${nameOrModule} exports no subject.`);
  return found;
}

function urlOf(module: string): string | undefined {
  if (module.startsWith("file:")) return module;
  if (isAbsolute(module) || module.startsWith(".")) return pathToFileURL(resolve(module)).href;
  return undefined;
}

function isSubject(value: unknown): value is Subject {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "actions" in value &&
    Array.isArray(value.actions) &&
    "open" in value &&
    typeof value.open === "function" &&
    "version" in value &&
    typeof value.version === "function"
  );
}
