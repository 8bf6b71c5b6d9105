import type { Kind } from "./kind.ts";
import type { Secret } from "./secret.ts";

/** A key and what stands at it. */
export interface Key<T = unknown> {
  readonly kind: Kind<T>;
  readonly meaning: string;
  /** As a reader would write it, or in words. */
  readonly default?: string;
  readonly required?: true;
}

/** A key with keys below it. */
export interface Group {
  readonly keys: Keys;
  readonly meaning: string;
}

/** Every key that may stand at one place, once: reading, types and the reference derive from it. */
export interface Keys {
  readonly [name: string]: Key | Group;
}

type RequiredName<K extends Keys> = {
  [Name in keyof K]: K[Name] extends { readonly required: true } ? Name : never;
}[keyof K];

type ValueOf<F> = F extends { readonly keys: infer G extends Keys }
  ? Values<G>
  : F extends { readonly kind: Kind<infer T> }
    ? T
    : never;

/** What is read where keys may stand. */
export type Values<K extends Keys> = {
  readonly [Name in RequiredName<K>]: ValueOf<K[Name]>;
} & {
  readonly [Name in Exclude<keyof K, RequiredName<K>>]?: ValueOf<K[Name]>;
};

/** Text with a variable in it. */
type WithVariable = `${string}\${${string}`;

type WrittenAs<T> = T extends Secret
  ? string | Secret
  : T extends Readonly<Record<string, Secret>>
    ? Readonly<Record<string, string | Secret>>
    : T extends readonly (infer One)[]
      ? WrittenAs<One> | readonly WrittenAs<One>[]
      : T | WithVariable;

type WrittenFor<F> = F extends { readonly keys: infer G extends Keys }
  ? Written<G>
  : F extends { readonly kind: Kind<infer T> }
    ? WrittenAs<T>
    : never;

/** What a user writes where keys may stand. */
export type Written<K extends Keys> = {
  readonly [Name in RequiredName<K>]: WrittenFor<K[Name]>;
} & {
  readonly [Name in Exclude<keyof K, RequiredName<K>>]?: WrittenFor<K[Name]> | undefined;
};
