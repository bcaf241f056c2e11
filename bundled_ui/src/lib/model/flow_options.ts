/** The options of a flow as a whole: most stand in its definition, some beside it. */
import { optionsOf, optionTexts, type OptionTexts, type Told } from './option_text';
import { flowGroups } from './option_groups';

const BESIDE: readonly string[] = ['tag', 'dedicated_worker'];
const KEPT = ['labels', 'ws_error_handler_muted'];

type Value = Record<string, unknown>;

export interface FlowTold {
  value?: Value | null;
  [name: string]: unknown;
}

export function flowTexts(flow: FlowTold): OptionTexts {
  const { tag, dedicated_worker, priority } = flow;
  const beside = priority === undefined ? {} : { priority };
  return optionTexts({ ...flow.value, ...beside, tag, dedicated_worker } as Told);
}

/** The definition and the members beside it, with these options and whatever else the flow has. */
export function flowWith(flow: FlowTold, texts: OptionTexts): Value & { value: Value } {
  const set = optionsOf(texts);
  const value = { ...flow.value };
  for (const { name } of flowGroups.flatMap(({ options }) => options)) {
    if (BESIDE.includes(name)) continue;
    if (set[name] === undefined) delete value[name];
    else value[name] = set[name];
  }
  const beside = [...BESIDE, ...KEPT].map((name) => [
    name,
    set[name] ?? (kept(name) ? flow[name] : undefined),
  ]);
  return { ...Object.fromEntries(beside.filter(([, one]) => one !== undefined)), value };
}

const kept = (name: string): boolean => KEPT.includes(name);
