/** One invariant that broke. */
export interface BrokenInvariant {
  readonly invariant: string;
  readonly atSeconds: number;
  readonly sentence: string;
}

/** What became of a case. */
export interface Outcome {
  readonly broken: readonly BrokenInvariant[];
  readonly runs: readonly {
    readonly name: string;
    readonly status: string;
    readonly error?: string | undefined;
    readonly cause?: string | undefined;
  }[];
  readonly counts: {
    /** Of the workflow's functions. */
    readonly requests: number;
    /** Of the histories of all executions. */
    readonly events: number;
    /** Simulated. */
    readonly seconds: number;
    /** How often each kind of fault, actor, strike and intervention struck. */
    readonly faults: Readonly<Record<string, number>>;
  };
  /** What happened when, a sentence each. */
  readonly story: readonly string[];
}
