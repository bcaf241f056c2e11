/** A schedule while it is being written, and the request it becomes. */
import type { Json } from './schema';

export interface ScheduleText {
  path: string;
  script: string; // The path of what it starts...
  isFlow: boolean; // ...which is a flow.
  cron: string;
  timezone: string;
  summary: string;
  tag: string;
  noOverlap: boolean;
}

/** As the server tells it; what was pushed as null is null. */
export interface ScheduleTold {
  path: string;
  script_path: string;
  is_flow?: boolean | null;
  schedule: string;
  timezone: string;
  summary?: string | null;
  tag?: string | null;
  no_flow_overlap?: boolean | null;
  [more: string]: unknown;
}

/** What the form does not show and an edit must not lose. */
const KEPT = [
  'cron_version',
  'description',
  'dynamic_skip',
  'labels',
  'on_failure',
  'on_failure_exact',
  'on_failure_extra_args',
  'on_failure_times',
  'on_recovery',
  'on_recovery_extra_args',
  'on_recovery_times',
  'on_success',
  'on_success_extra_args',
  'paused_until',
  'retry',
  'ws_error_handler_muted',
];

export function blankSchedule(owner: string, timezone: string, script = ''): ScheduleText {
  return { ...EMPTY, path: `${owner}/`, timezone, script };
}

export function scheduleText(told: ScheduleTold): ScheduleText {
  return {
    path: told.path,
    script: told.script_path,
    isFlow: told.is_flow ?? false,
    cron: told.schedule,
    timezone: told.timezone,
    summary: told.summary ?? '',
    tag: told.tag ?? '',
    noOverlap: told.no_flow_overlap ?? false,
  };
}

/** The body of an update: the plan with what `told` had besides. */
export function planOf(
  text: ScheduleText,
  args: Record<string, Json>,
  told: ScheduleTold | null = null,
) {
  const kept = KEPT.filter((name) => told?.[name] !== undefined).map((name) => [
    name,
    told?.[name],
  ]);
  return {
    ...(Object.fromEntries(kept) as Record<string, unknown>),
    schedule: text.cron.trim(),
    timezone: text.timezone,
    args,
    summary: text.summary.trim() || undefined,
    tag: text.tag.trim() || undefined,
    no_flow_overlap: text.noOverlap || undefined,
  };
}

/** Every zone of the browser's tz database, with `first` in front when it is none of them. */
export function timezones(first: string): string[] {
  const known = Intl.supportedValuesOf('timeZone');
  return [...new Set(['UTC', first, ...known])].filter(Boolean);
}

/** A fire as clocks in its zone show it: "Mon, 5 Jan 2026, 09:00 CET". */
export function inZone(at: string, timezone: string): string {
  const look = {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: at.includes(':00.000000Z') ? undefined : '2-digit',
    timeZoneName: 'short',
  } as const;
  try {
    return new Date(at).toLocaleString(undefined, { ...look, timeZone: timezone });
  } catch {
    return new Date(at).toLocaleString(undefined, look); // The browser does not know the zone.
  }
}

const EMPTY: ScheduleText = {
  path: '',
  script: '',
  isFlow: false,
  cron: '0 0 9 * * *',
  timezone: 'UTC',
  summary: '',
  tag: '',
  noOverlap: false,
};
