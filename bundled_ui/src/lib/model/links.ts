/** The addresses of our pages, so that no feature spells a URL of another by hand. */
import { encodePath } from './route';

export const home = '/';
export const runs = '/runs';
export const newScript = '/scripts/add';
export const variables = '/variables';
export const resources = '/resources';

export function script(pathOrHash: string): string {
  return `/scripts/get/${encodePath(pathOrHash)}`;
}

export function flow(path: string): string {
  return `/flows/get/${encodePath(path)}`;
}

export function editScript(path: string): string {
  return `/scripts/edit/${encodePath(path)}`;
}

/** A run's address names its workspace, so that it can be sent to a colleague. */
export function run(id: string, workspace: string): string {
  return `/run/${encodeURIComponent(id)}?workspace=${encodeURIComponent(workspace)}`;
}

/** The runs of one script, newest first. */
export function runsOf(path: string): string {
  return `/runs?path=${encodeURIComponent(path)}`;
}

/** The runs with this schedule, tag, worker or label, or the parts of this run. */
export function runsWith(
  mark: 'schedule' | 'tag' | 'worker' | 'label' | 'key' | 'parent',
  value: string,
): string {
  return `/runs?${mark}=${encodeURIComponent(value)}`;
}

/** The schedule, opened. */
export function schedule(path: string): string {
  return `/schedules?open=${encodeURIComponent(path)}`;
}

/** `/login`, remembering where the person wanted to go. */
export function login(wanted: string): string {
  return wanted === '/' || wanted === '' ? '/login' : `/login?next=${encodeURIComponent(wanted)}`;
}

/** Where to go after login: only a path of this site, never another origin. */
export function afterLogin(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith('/login') ? next : '/';
}
