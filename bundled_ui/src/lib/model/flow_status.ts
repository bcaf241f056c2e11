/** What a flow's status says of its steps, for people. Shapes are those of the wire, read with good
 * will: what is not there is not known. */

export type StepCondition =
  'ahead' | 'waits' | 'queued' | 'running' | 'success' | 'failure' | 'skipped';

export interface StepChild {
  job: string;
  number: number; // Of the turn or the branch, from 0; a default branch comes last.
  name: string; // What to call it: its number, or what its branch is called.
  success: boolean | null; // Null: not over.
}

export interface FlowStep {
  id: string;
  kind: string; // In words: Python, Loop, Branches
  summary: string;
  condition: StepCondition;
  job: string | null; // That did the step, if one alone did.
  children: StepChild[]; // Iterations and branches.
  count: number; // Of them, as far as it is known.
  missing: number; // Approvals that are waited for.
  approvers: string[];
  tries: number; // That failed before.
}

interface Module {
  id?: string;
  type?: string;
  job?: string;
  count?: number;
  skipped?: boolean;
  flow_jobs?: string[];
  flow_jobs_success?: (boolean | null)[];
  iterator?: { itered_len?: number | null };
  branchall?: { len?: number };
  branch_chosen?: { type?: string; branch?: number };
  approvers?: { approver?: string }[];
  failed_retries?: string[];
}

interface Written {
  id?: string;
  summary?: string;
  value?: {
    type?: string;
    language?: string;
    path?: string;
    branches?: { summary?: string; expr?: string }[];
  };
  suspend?: { resume_form?: { schema?: unknown }; hide_cancel?: boolean };
}

export interface FlowJob {
  flow_status?: Record<string, unknown> | null;
  raw_flow?: Record<string, unknown> | null;
}

const NOBODY = '00000000-0000-0000-0000-000000000000';

const CONDITIONS: Record<string, StepCondition> = {
  WaitingForPriorSteps: 'ahead',
  WaitingForEvents: 'waits',
  WaitingForExecutor: 'queued',
  InProgress: 'running',
  Success: 'success',
  Failure: 'failure',
};

const KINDS: Record<string, string> = {
  script: 'Script',
  flow: 'Flow',
  forloopflow: 'Loop',
  whileloopflow: 'While loop',
  branchone: 'One branch',
  branchall: 'All branches',
  identity: 'Pass on',
  aiagent: 'AI agent',
};

/** The steps in their order, the preprocessor first and the error handler last where they had a part. */
export function stepsOf({ flow_status, raw_flow }: FlowJob): FlowStep[] {
  const written = (raw_flow?.modules ?? []) as Written[];
  const modules = (flow_status?.modules ?? []) as Module[];
  const prepares = flow_status?.preprocessor_module as Module | undefined;
  const handles = flow_status?.failure_module as Module | undefined;
  const steps = modules.map((module, index) => stepOf(module, written[index]));
  const first = prepares ? [stepOf(prepares, raw_flow?.preprocessor_module as Written)] : [];
  const begun = handles?.type !== undefined && handles.type !== 'WaitingForPriorSteps';
  const last = begun ? [stepOf(handles, raw_flow?.failure_module as Written)] : [];
  return [...first, ...steps, ...last];
}

/** The steps at which a flow that has ended may go on: those before which all have ended. */
export function restartsOf({ flow_status, raw_flow }: FlowJob): string[] {
  const modules = (flow_status?.modules ?? []) as Module[];
  const written = ((raw_flow?.modules ?? []) as Written[]).map(({ id }) => id);
  const open = modules.findIndex(({ type }) => type !== 'Success' && type !== 'Failure');
  const reached = open < 0 ? modules : modules.slice(0, open + 1);
  return reached.flatMap(({ id }) => (id !== undefined && written.includes(id) ? [id] : []));
}

/** The step that people are asked for, with its form. Null while nobody is. */
export function askedBy({ flow_status, raw_flow }: FlowJob): {
  step: string;
  job: string;
  missing: number;
  schema: Record<string, unknown> | null;
} | null {
  const modules = (flow_status?.modules ?? []) as Module[];
  const index = modules.findIndex(({ type }) => type === 'WaitingForEvents');
  const module = modules[index];
  const written = ((raw_flow?.modules ?? []) as Written[])[index - 1];
  if (!module?.job) return null;
  const schema = written?.suspend?.resume_form?.schema;
  return {
    step: written?.summary || written?.id || '',
    job: module.job,
    missing: module.count ?? 1,
    schema: typeof schema === 'object' ? (schema as Record<string, unknown> | null) : null,
  };
}

function stepOf(module: Module, written: Written | undefined): FlowStep {
  const jobs = module.flow_jobs ?? [];
  const told = CONDITIONS[module.type ?? ''] ?? 'ahead';
  const alone = module.job !== undefined && module.job !== NOBODY && jobs.length === 0;
  return {
    id: module.id ?? '',
    kind: kindOf(written),
    summary: written?.summary ?? '',
    condition: told === 'success' && module.skipped ? 'skipped' : told,
    job: alone && told !== 'waits' ? (module.job ?? null) : null,
    children: jobs.map((job, index) => childOf(job, index, module, written)),
    count: module.iterator?.itered_len ?? module.branchall?.len ?? jobs.length,
    missing: told === 'waits' ? (module.count ?? 1) : 0,
    approvers: (module.approvers ?? []).map(({ approver }) => approver ?? 'anonymous'),
    tries: module.failed_retries?.length ?? 0,
  };
}

function childOf(
  job: string,
  index: number,
  module: Module,
  written: Written | undefined,
): StepChild {
  const { branch_chosen: chosen } = module;
  const branches = written?.value?.branches ?? [];
  const other = chosen?.type === 'default';
  const number = other ? branches.length : (chosen?.branch ?? index);
  const named = other ? 'Default' : branches[number]?.summary || branches[number]?.expr;
  // One branch alone is told without a word of its success: the step's own counts.
  const success =
    module.flow_jobs_success?.[index] ?? (chosen ? (ENDS[module.type ?? ''] ?? null) : null);
  return { job, number, name: named || String(number), success };
}

const ENDS: Record<string, boolean> = { Success: true, Failure: false };

function kindOf(written: Written | undefined): string {
  const value = written?.value;
  if (!value) return 'Wait';
  if (value.type === 'rawscript') return value.language ?? 'Script';
  return value.path ?? KINDS[value.type ?? ''] ?? value.type ?? '';
}
