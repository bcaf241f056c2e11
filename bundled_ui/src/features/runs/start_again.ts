import type { Api, Schemas } from '$lib/api/client';
import { placesOf, type Way } from '$lib/model/flow_way';

/** Starts the same code with the same arguments: the same version of a script, or the code that was
 * previewed. Gives the id of the new run. Throws ApiError. */
export async function startAgain(api: Api, job: Schemas['Job']): Promise<string> {
  const workspace = job.workspace_id;
  const args = job.args ?? {};
  if (isFlow(job)) return await flowAgain(api, job);
  if (job.script_hash) {
    return await api.post('/w/{workspace}/jobs/run/h/{hash}', {
      path: { workspace, hash: job.script_hash },
      query: { skip_preprocessor: true },
      body: args,
    });
  }
  return await api.post('/w/{workspace}/jobs/run/preview', {
    path: { workspace },
    body: {
      content: job.raw_code ?? '',
      language: job.language ?? '',
      path: job.script_path,
      tag: job.tag,
      args,
    },
  });
}

/** Starts a flow that has ended at a step, or at a turn of one; what came before is taken over. */
export async function startAt(
  api: Api,
  job: Schemas['Job'],
  way: Way,
  args: Record<string, unknown>,
): Promise<string> {
  const [first, ...nested_path] = placesOf(way);
  return await api.post('/w/{workspace}/jobs/restart/f/{id}', {
    path: { workspace: job.workspace_id, id: job.id },
    body: { step_id: '', ...first, nested_path, args },
  });
}

async function flowAgain(api: Api, job: Schemas['Job']): Promise<string> {
  const { workspace_id: workspace, args = {} } = job;
  if (job.script_hash) {
    return await api.post('/w/{workspace}/jobs/run/fv/{version}', {
      path: { workspace, version: job.script_hash },
      query: { skip_preprocessor: true },
      body: args,
    });
  }
  return await api.post('/w/{workspace}/jobs/run/preview_flow', {
    path: { workspace },
    body: { value: job.raw_flow ?? {}, args, path: job.script_path, tag: job.tag },
  });
}

/** A whole flow; the body of a loop or a branch is started by its flow alone. */
function isFlow({ job_kind, parent_job }: Schemas['Job']): boolean {
  return (job_kind === 'flow' || job_kind === 'flowpreview') && parent_job === undefined;
}

/** The job holds what `startAgain` needs. */
export function canStartAgain(job: Schemas['Job']): boolean {
  if (isFlow(job)) return job.script_hash !== undefined || job.raw_flow !== undefined;
  if (job.job_kind === 'script') return Boolean(job.script_hash);
  return job.job_kind === 'preview' && job.raw_code !== undefined && job.language !== undefined;
}
