/** What is known of a job that is being followed, as a value that messages move forward.
 *
 * The protocol (`getupdate_sse`): the server sends what changed since the offsets of the request; the
 * stream ends after `completed`, or with `timeout` when the client shall connect anew with the offsets
 * it has by then. Nothing is sent twice, so resuming is only `resumeQuery`. */

/** Logs kept in memory; of a longer log the end is kept and the rest counted. */
export const LOG_CHARS_MAX = 2_000_000;

export interface JobFeed<Job> {
  running: boolean;
  completed: boolean;
  missing: boolean; // There is no such job, or not for us.
  logs: string;
  logsDropped: number; // Characters at the front that are no longer in `logs`.
  logOffset: number;
  stream: string; // What the script streamed as its result so far.
  streamOffset: number;
  memPeakKb: number | null;
  progress: number | null; // 0..100
  flowStatus: Record<string, unknown> | null; // Of a flow: how far its steps are.
  job: Job | null; // Sent once, with `completed`.
  problem: string; // The last `error` message, '' when there was none.
}

export interface FeedMessage<Job> {
  type: string; // update | error | notfound | timeout | ping
  running?: boolean | null;
  completed?: boolean | null;
  new_logs?: string | null;
  log_offset?: number | null;
  new_result_stream?: string | null;
  stream_offset?: number | null;
  mem_peak?: number | null;
  progress?: number | null;
  flow_status?: Record<string, unknown> | null;
  job?: Job | null;
  error?: string | null;
}

export function emptyFeed<Job>(): JobFeed<Job> {
  return {
    running: false,
    completed: false,
    missing: false,
    logs: '',
    logsDropped: 0,
    logOffset: 0,
    stream: '',
    streamOffset: 0,
    memPeakKb: null,
    progress: null,
    flowStatus: null,
    job: null,
    problem: '',
  };
}

/** The feed after one message. Types of message we do not know change nothing. */
export function advance<Job>(feed: JobFeed<Job>, message: FeedMessage<Job>): JobFeed<Job> {
  switch (message.type) {
    case 'update':
      return update(feed, message);
    case 'notfound':
      return { ...feed, missing: true };
    case 'error':
      return { ...feed, problem: message.error || 'The server reported an error.' };
    default:
      return feed;
  }
}

/** Nothing more will come. */
export function isFinal(feed: JobFeed<unknown>): boolean {
  return feed.completed || feed.missing;
}

/** The query that makes the server go on where this feed stands. */
export function resumeQuery(feed: JobFeed<unknown>) {
  return {
    running: feed.running,
    log_offset: feed.logOffset,
    stream_offset: feed.streamOffset,
  };
}

function update<Job>(feed: JobFeed<Job>, message: FeedMessage<Job>): JobFeed<Job> {
  const added = message.new_logs ?? '';
  const streamed = message.new_result_stream ?? '';
  const logs = feed.logs + added;
  const excess = Math.max(0, logs.length - LOG_CHARS_MAX);
  return {
    ...feed,
    running: message.running ?? feed.running,
    completed: message.completed ?? feed.completed,
    logs: excess ? logs.slice(excess) : logs,
    logsDropped: feed.logsDropped + excess,
    logOffset: message.log_offset ?? feed.logOffset + added.length,
    stream: feed.stream + streamed,
    streamOffset: message.stream_offset ?? feed.streamOffset + streamed.length,
    memPeakKb: message.mem_peak ?? feed.memPeakKb,
    progress: message.progress ?? feed.progress,
    flowStatus: message.flow_status ?? feed.flowStatus,
    job: message.job ?? feed.job,
    problem: '',
  };
}
