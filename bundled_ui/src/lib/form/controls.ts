/** What every control of the form is given, and what all of them share. */

import { getContext, setContext } from 'svelte';
import type { Field } from '../model/form';
import type { Draft } from '../model/form_draft';
import type { Problem } from '../model/inputs';

export interface ControlProps {
  field: Field;
  draft: Draft;
  path: string; // Where the value stands among the arguments, such as user.tags[0].
  wiring: Wiring;
  onchange: (draft: Draft) => void;
}

/** Ties the control to its label and to what is said under it. */
export interface Wiring {
  id: string;
  label: string;
  labelled: boolean; // A <label> names the control; else it has to name itself.
  describedby: string | undefined;
  invalid: boolean;
}

/** The attributes of the element that takes the input. */
export const attributes = ({ id, label, labelled, describedby, invalid }: Wiring) => ({
  id,
  'aria-label': labelled ? undefined : label,
  'aria-describedby': describedby,
  'aria-invalid': invalid || undefined,
});

export interface FormView {
  /** What is to be said at `path` now. */
  problemAt: (path: string) => Problem | undefined;
  /** The paths of resources of that type, for suggestions. */
  resources: (type: string) => Promise<string[]>;
  /** The paths of variables, for the same. */
  variables: () => Promise<string[]>;
}

const KEY = Symbol('form');

export const provideForm = (view: FormView): FormView => setContext(KEY, view);
export const useForm = (): FormView => getContext<FormView>(KEY);
