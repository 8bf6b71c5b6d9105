import { invalidConfiguration } from "./invalid-configuration.ts";

/** A value and where it stands. */
export interface Setting {
  readonly value: string;
  readonly file: string;
  /** File and line, for errors. */
  readonly where: string;
  /** The settings indented below it, where it has no value of its own, by lower-case name. */
  readonly nested: ReadonlyMap<string, Setting>;
}

/** A section's settings by lower-case name. */
export type Section = ReadonlyMap<string, Setting>;

interface OpenSetting extends Setting {
  value: string;
  readonly nested: Map<string, OpenSetting>;
}

interface Reading {
  readonly sections: Map<string, Map<string, OpenSetting>>;
  section: Map<string, OpenSetting> | undefined;
  /** What a line belongs to that is indented deeper than it. */
  last: OpenSetting | undefined;
  indent: number;
}

/** A line without its comment, and where it stands. */
interface Line {
  readonly bare: string;
  readonly file: string;
  readonly where: string;
}

/**
 * Reads a file of AWS's tools: sections by the text between their brackets, the later of two equal names winning.
 * A comment is a line that begins with # or ;, or what follows white space and one of these. A line indented
 * deeper than the setting above it goes on with its value, or is a setting within it if it has none. Anything else is InvalidConfiguration with its line.
 */
export function readIni(text: string, file: string): ReadonlyMap<string, Section> {
  const reading: Reading = { sections: new Map(), section: undefined, last: undefined, indent: 0 };
  // A byte order mark is what some editors put before the first line.
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|[\r\n]/)
    .entries()) {
    const bare = line.replace(/(?:^|\s)[#;][^]*$/, "").trim();
    if (bare === "") continue;
    const where = `${file}:${index + 1}`;
    const indent = line.length - line.trimStart().length;
    if (reading.last !== undefined && indent > reading.indent) {
      goOn(reading.last, { bare, file, where });
    } else {
      reading.indent = indent;
      if (bare.startsWith("[")) openSection(reading, line.trim(), where);
      else readSetting(reading, { bare, file, where });
    }
  }
  return reading.sections;
}

function openSection(reading: Reading, line: string, where: string): void {
  const name = /^\[([^\]]*)\]\s*(?:[#;].*)?$/.exec(line)?.[1]?.trim();
  if (name === undefined || name === "") {
    throw invalidConfiguration(where, "begins like a section, but is not [name].");
  }
  const section = reading.sections.get(name) ?? new Map<string, OpenSetting>();
  reading.sections.set(name, section);
  reading.section = section;
  reading.last = undefined;
}

function readSetting(reading: Reading, line: Line): void {
  if (reading.section === undefined) {
    throw invalidConfiguration(line.where, "stands before any section.");
  }
  reading.last = setIn(reading.section, line);
}

function goOn(setting: OpenSetting, line: Line): void {
  if (setting.value === "") setIn(setting.nested, line);
  else setting.value += `\n${line.bare}`;
}

function setIn(section: Map<string, OpenSetting>, { bare, file, where }: Line): OpenSetting {
  const at = bare.indexOf("=");
  const name = bare.slice(0, Math.max(at, 0)).trim().toLowerCase();
  if (name === "") throw invalidConfiguration(where, "is neither [name] nor name = value.");
  const setting = { value: bare.slice(at + 1).trim(), file, where, nested: new Map() };
  section.set(name, setting);
  return setting;
}
