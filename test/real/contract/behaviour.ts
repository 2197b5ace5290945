import type { World } from './world.ts';

/** One behaviour of Kubernetes that our code relies on: a sentence, and the assertions that hold it to be true. */
export type Behaviour = readonly [title: string, hold: (world: World) => Promise<void>];

/** Behaviours of one part of the API. */
export interface Chapter {
  readonly title: string;
  readonly behaviours: readonly Behaviour[];
}
