import { fallbackFor } from "./fallback-for.ts";
import type { ErrorRow } from "./row.ts";
import { selectExpressionRows } from "./rows/select-expression.ts";
import { selectInputRows } from "./rows/select-input.ts";
import { selectSyntaxRows } from "./rows/select-syntax.ts";

const ofSelect = { ...selectExpressionRows, ...selectInputRows, ...selectSyntaxRows };

/** Whether only S3 Select answers with a code, and it means no more than the status that it comes with. */
export function saysItsStatus(code: string, { status, category, retry }: ErrorRow): boolean {
  const plain = fallbackFor(status);
  return Object.hasOwn(ofSelect, code) && plain.category === category && plain.retry === retry;
}
