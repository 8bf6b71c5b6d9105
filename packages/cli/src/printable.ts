/** Text without a control character that a terminal would obey. */
export function printable(text: string): string {
  return text.replaceAll(
    /\p{Cc}/gu,
    (control) => String.raw`\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
