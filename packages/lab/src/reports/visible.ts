/** Longer texts of servers and libraries are cut: a report is for people. */
const lengthMax = 300;

/** Text of others, shortened, with what nobody sees or what turns text around written out: `\u{202e}`. */
export function visible(text: string): string {
  const cut = text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
  return cut.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (unseen) => String.raw`\u{${unseen.codePointAt(0)?.toString(16) ?? ""}}`,
  );
}
