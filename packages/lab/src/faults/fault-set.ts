import type { SeenRequest } from "../seen-request.ts";
import { checkFault, type CheckedFault, type Fault } from "./fault.ts";
import { keyPattern } from "./key-pattern.ts";
import { seeded } from "./seeded.ts";

/** A fault that was set. */
export interface FaultHandle {
  readonly id: number;
  /** How many requests it has befallen. */
  readonly fired: number;
  /** Ends it. */
  remove(): void;
}

/** The faults of a lab, in the order in which they were set. Same seed, same requests: same faults. */
export class FaultSet {
  readonly #seed: number;
  readonly #check: (fault: Fault) => CheckedFault;
  readonly #faults = new Map<number, ArmedFault>();
  #last = 0;

  /** `check` throws a `FaultError` for a fault that cannot be carried out here. */
  constructor(seed: number, check: (fault: Fault) => CheckedFault = checkFault) {
    this.#seed = seed;
    this.#check = check;
  }

  /** Throws a `FaultError` for one that cannot be carried out. */
  add(fault: Fault): FaultHandle {
    this.#last += 1;
    const armed = new ArmedFault(this.#last, this.#check(fault));
    this.#faults.set(armed.id, armed);
    return {
      id: armed.id,
      get fired() {
        return armed.fired;
      },
      remove: () => {
        this.remove(armed.id);
      },
    };
  }

  /** Whether there was such a one. */
  remove(id: number): boolean {
    return this.#faults.delete(id);
  }

  /** As they are carried out, with how often each has been. */
  list(): readonly ListedFault[] {
    return [...this.#faults.values()].map(({ id, fault, fired }) => ({ id, fault, fired }));
  }

  /** One that befalls this request alone, whatever else there is. Throws a `FaultError` as `add` does. */
  once(fault: Fault): Chosen {
    this.#last += 1;
    return new ArmedFault(this.#last, this.#check(fault)).take();
  }

  /** Those that have befallen nothing yet. */
  get unfired(): readonly number[] {
    return [...this.#faults.values()].filter(({ fired }) => fired === 0).map(({ id }) => id);
  }

  clear(): void {
    this.#faults.clear();
  }

  /** The first that befalls the request, one time less of it for the others. */
  choose(request: SeenRequest): Chosen | undefined {
    for (const armed of this.#faults.values()) {
      if (armed.befalls(request, this.#seed)) return armed.take();
    }
    return undefined;
  }
}

interface ListedFault {
  readonly id: number;
  readonly fault: CheckedFault;
  readonly fired: number;
}

/** A fault that befalls a request. */
export interface Chosen {
  readonly id: number;
  readonly fault: CheckedFault;
  /** It did what it is for; one that does not, such as a reset behind the end of a body, never fired. */
  fired(): void;
}

class ArmedFault {
  readonly id: number;
  readonly fault: CheckedFault;
  readonly #key: RegExp | undefined;
  #met = 0;
  #taken = 0;
  fired = 0;

  constructor(id: number, fault: CheckedFault) {
    this.id = id;
    this.fault = fault;
    this.#key = fault.key === undefined ? undefined : keyPattern(fault.key);
  }

  befalls(request: SeenRequest, seed: number): boolean {
    const { skip = 0, probability, times = probability === undefined ? 1 : "always" } = this.fault;
    if (times !== "always" && this.#taken >= times) return false;
    if (!this.#applies(request)) return false;
    this.#met += 1;
    if (this.#met <= skip) return false;
    return probability === undefined || this.#draw(request, seed) < probability;
  }

  take(): Chosen {
    this.#taken += 1;
    let isFired = false;
    const fired = (): void => {
      if (!isFired) this.fired += 1;
      isFired = true;
    };
    return { id: this.id, fault: this.fault, fired };
  }

  #applies(request: SeenRequest): boolean {
    const { operation, bucket, part, credential, attempt } = this.fault;
    if (operation !== undefined && ![operation].flat().some((name) => name === request.operation)) {
      return false;
    }
    return (
      isOrAny(bucket, request.bucket) &&
      isOrAny(part, request.part) &&
      isOrAny(credential, request.accessKeyId) &&
      isOrAny(attempt, request.attempt) &&
      (this.#key === undefined || this.#key.test(request.key ?? ""))
    );
  }

  #draw(
    { operation, bucket = "", key = "", part = 0, attempt }: SeenRequest,
    seed: number,
  ): number {
    return seeded(seed, this.id, operation, bucket, key, part, attempt);
  }
}

function isOrAny<T>(wanted: T | undefined, given: T | undefined): boolean {
  return wanted === undefined || wanted === given;
}
