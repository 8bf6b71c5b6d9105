import type { Defect } from "../defect.ts";

const control = "packages/gateway/src/control";

/** What a careless control plane would get wrong. */
export const defectsOfControl: readonly Defect[] = [
  {
    row: "gateway",
    name: "a control plane that looks at its database only once",
    file: `${control}/snapshot.ts`,
    find: "if (version === this.#version) return false;",
    replace: "if (version === this.#version || this.#seq > 0) return false;",
    tests: [`${control}/processes.test.ts`],
  },
  {
    row: "gateway",
    name: "a change that is not taken over because too many were missed",
    file: `${control}/snapshot.ts`,
    find: "const missed = known?.seq !== this.#seq;",
    replace: "const missed = this.#seq < 0;",
    tests: [`${control}/many.test.ts`],
    only: "who missed more changes",
  },
  {
    row: "gateway",
    name: "writers who wait on the threads that another one's commit needs",
    file: `${control}/libsql-driver.ts`,
    find: "new Libsql(path, { timeout: 0 })",
    replace: "new Libsql(path, { timeout: waitMs })",
    tests: [`${control}/waiting.test.ts`],
    only: "more writers than the library has threads",
  },
  {
    row: "gateway",
    name: "a sealed secret that opens in another row",
    file: `${control}/sealing.ts`,
    find: "JSON.stringify([version, keyId, kind, name])",
    replace: "JSON.stringify([version, keyId, kind])",
    tests: [`${control}/sealing.test.ts`],
  },
  {
    row: "gateway",
    name: "a temporary credential that keeps what its parent lost",
    file: `${control}/live-credentials.ts`,
    find: "overlap(own.grants, parent.grants)",
    replace: "own.grants",
    tests: [`${control}/plane.test.ts`],
  },
  {
    row: "gateway",
    name: "a credential that outlives its tenant's being disabled",
    file: `${control}/live-credentials.ts`,
    find: "row.disabled || tenant === undefined || tenant.disabled",
    replace: "row.disabled || tenant === undefined",
    tests: [`${control}/model.test.ts`],
  },
  {
    row: "gateway",
    name: "a text that a database cuts at its first NUL",
    file: `${control}/bindable.ts`,
    find: "const unstorable = /\\0|\\p{Surrogate}/u;",
    replace: "const unstorable = /\\p{Surrogate}/u;",
    tests: [`${control}/database.test.ts`],
  },
  {
    row: "gateway",
    name: "a wrong master key that is found out only when a secret is needed",
    file: `${control}/prove-keys.ts`,
    find: "for (const { key_id: id, proof } of proofs) checkProof(keys.find(id), proof);",
    replace: "for (const { proof } of proofs) checkProof(undefined, proof);",
    tests: [`${control}/master-keys.test.ts`],
    only: "an older key that is another",
  },
];
