/** Text without a control character that a terminal would obey. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\u007f-\u009f]/g,
    (control) => String.raw`\u00${control.charCodeAt(0).toString(16)}`,
  );
}
