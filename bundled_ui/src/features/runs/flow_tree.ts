import type { Schemas } from '$lib/api/client';
import type { Way } from '$lib/model/flow_way';

/** What the parts of the tree of steps share: one way through it is open. */
export interface FlowTree {
  readonly way: Way;
  go: (way: Way) => void;
  /** Asks how to run the flow again from there; null while it cannot be. */
  readonly again: ((way: Way) => void) | null;
}

export type Job = Schemas['Job'];
