/** Following a job over server-sent events, through lost connections, until it is over.
 *
 * The stream is read with fetch rather than EventSource: that one hides the status of a refusal and
 * always reconnects to the address it began with, while ours carries the offsets. */
import { advance, emptyFeed, isFinal, resumeQuery } from '../model/job_feed';
import type { FeedMessage, JobFeed } from '../model/job_feed';
import { EventCutter } from '../model/sse';
import { aborted, ApiError, type Api, type Schemas } from './client';

const WAIT_MS_MIN = 500;
const WAIT_MS_MAX = 15_000;
const SILENCE_MS_MAX = 90_000; // The server pings or times out well before.

export interface FollowOptions {
  workspace: string;
  id: string;
  signal: AbortSignal;
  onFeed: (feed: JobFeed<Schemas['Job']>) => void;
  /** True while the line is down and we wait to try again. */
  onWaiting?: (waiting: boolean) => void;
}

/** Resolves when the job is over or missing, or `signal` is aborted. Throws ApiError only where trying
 * again cannot help (401, 403); everything else is tried again, forever, at growing distance. */
export async function followJob(api: Api, options: FollowOptions): Promise<void> {
  let feed = emptyFeed<Schemas['Job']>();
  let failures = 0;
  const heard = (message: FeedMessage<Schemas['Job']>) => {
    feed = advance(feed, message);
    options.onFeed(feed);
    if (message.type === 'error') return;
    if (failures) options.onWaiting?.(false);
    failures = 0;
  };
  while (!isFinal(feed) && !options.signal.aborted) {
    try {
      const ended = await listen(api, options, feed, heard);
      if (ended === 'timeout') continue;
    } catch (error) {
      if (options.signal.aborted) return;
      if (error instanceof ApiError && error.status === 404) return heard({ type: 'notfound' });
      if (error instanceof ApiError && [401, 403].includes(error.status)) throw error;
    }
    if (isFinal(feed)) return;
    options.onWaiting?.(true);
    await wait(backoffMs(failures++), options.signal);
  }
}

/** How long to wait after `failures` failures in a row. */
export function backoffMs(failures: number): number {
  return Math.min(WAIT_MS_MAX, WAIT_MS_MIN * 2 ** failures);
}

/** Reads one connection to its end; `timeout` when the server asked us to come back at once. */
async function listen(
  api: Api,
  { workspace, id, signal }: FollowOptions,
  feed: JobFeed<unknown>,
  heard: (message: FeedMessage<Schemas['Job']>) => void,
): Promise<'timeout' | 'closed'> {
  const line = new AbortController();
  const hangUp = () => line.abort();
  signal.addEventListener('abort', hangUp);
  let silence = setTimeout(hangUp, SILENCE_MS_MAX);
  try {
    const answer = await api.open('/w/{workspace}/jobs_u/getupdate_sse/{id}', {
      path: { workspace, id },
      query: resumeQuery(feed),
      signal: line.signal,
    });
    const cutter = new EventCutter();
    for await (const chunk of texts(answer)) {
      clearTimeout(silence);
      silence = setTimeout(hangUp, SILENCE_MS_MAX);
      for (const data of cutter.push(chunk)) {
        const message = JSON.parse(data) as FeedMessage<Schemas['Job']>;
        heard(message);
        if (message.type === 'timeout') return 'timeout';
      }
    }
    return 'closed';
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', hangUp);
    hangUp();
  }
}

async function* texts(answer: Response): AsyncGenerator<string> {
  if (!answer.body) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (error) {
    if (!aborted(error)) throw error;
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
