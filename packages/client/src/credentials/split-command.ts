import { invalidConfiguration } from "./invalid-configuration.ts";

const piece = /(\s+)|"((?:[^"\\]|\\[^])*)"|'([^']*)'|\\([^])|([^\s"'\\]+)/gy;

/** Words as a shell splits them; what only a shell can do is refused rather than passed on as an argument. */
export function splitCommand(command: string, where: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let end = 0;
  for (const match of command.trim().matchAll(piece)) {
    end += match[0].length;
    if (match[1] === undefined) {
      word = (word ?? "") + textOf(match, where);
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (end < command.trim().length) {
    throw invalidConfiguration(where, "credential_process has an open quote.");
  }
  return word === undefined ? words : [...words, word];
}

function textOf([, , double, single, escaped, plain]: RegExpExecArray, where: string): string {
  if (plain !== undefined && /[|&;<>`$*?()]|^~/.test(plain)) {
    throw invalidConfiguration(where, "credential_process is run without a shell: name a program.");
  }
  return double?.replace(/\\(["\\])/g, "$1") ?? single ?? escaped ?? plain ?? "";
}
