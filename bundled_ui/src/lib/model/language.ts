/** Which languages a new script may be in. */

interface Known {
  name: string;
  runs: boolean;
  note: string;
}

interface Worker {
  custom_tags: readonly string[];
  languages: readonly Known[];
}

export interface Offer {
  language: string;
  /** What happens at the first run, '' for nothing. */
  note: string;
}

/** Of `wanted`, in its order, what some worker runs and takes: Python always, so that there is one. */
export function offered(workers: readonly Worker[], wanted: readonly string[]): Offer[] {
  return wanted.flatMap((language) => {
    const able = workers
      .filter((worker) => worker.custom_tags.includes(language))
      .flatMap((worker) => worker.languages.filter((one) => one.name === language && one.runs));
    if (able.length === 0 && language !== 'python3') return [];
    // Ready somewhere is ready.
    return [{ language, note: able.some((one) => !one.note) ? '' : (able[0]?.note ?? '') }];
  });
}
