import type { Api } from '$lib/api/client';

/** Asks for the paths of resources of a type, for suggestions: once per type, and none on refusal. */
export function resourcesOf(api: Api, workspace: string): (type: string) => Promise<string[]> {
  const known = new Map<string, Promise<string[]>>();
  const ask = async (type: string): Promise<string[]> => {
    try {
      const query = { resource_type: type };
      const list = await api.get('/w/{workspace}/resources/list', { path: { workspace }, query });
      return list.map((resource) => resource.path);
    } catch {
      return []; // A path can be typed without suggestions.
    }
  };
  return (type) => {
    const asked = known.get(type) ?? ask(type);
    known.set(type, asked);
    return asked;
  };
}
