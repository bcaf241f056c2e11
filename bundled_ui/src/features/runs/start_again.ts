import type { Api, Schemas } from '$lib/api/client';

/** Starts the same code with the same arguments: the same version of a script, or the code that was
 * previewed. Gives the id of the new run. Throws ApiError. */
export async function startAgain(api: Api, job: Schemas['Job']): Promise<string> {
  const workspace = job.workspace_id;
  const args = job.args ?? {};
  if (job.script_hash) {
    return await api.post('/w/{workspace}/jobs/run/h/{hash}', {
      path: { workspace, hash: job.script_hash },
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

/** The job holds what `startAgain` needs. */
export function canStartAgain(job: Schemas['Job']): boolean {
  if (job.job_kind === 'script') return Boolean(job.script_hash);
  return job.job_kind === 'preview' && job.raw_code !== undefined && job.language !== undefined;
}
