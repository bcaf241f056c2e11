/** What the palette can do, as plain entries: it only shows, finds and runs them. */
import type { Schemas } from '$lib/api/client';
import * as links from '$lib/model/links';
import type { AppState } from '$lib/state/app.svelte';
import type { IconName } from '$lib/ui/icons';
import { routes } from '../../routes';

export interface Command {
  key: string;
  group: 'Go to' | 'Scripts' | 'Flows' | 'Workspaces' | 'Do';
  label: string;
  detail?: string;
  icon: IconName;
  run: () => void;
}

/** What is deployed, for who looks for it. */
export interface Deployed {
  scripts: readonly Schemas['Script'][];
  flows: readonly Schemas['Flow'][];
}

export function commands(app: AppState, { scripts, flows }: Deployed): Command[] {
  return [
    ...places(app),
    ...scriptCommands(app, scripts),
    ...flowCommands(app, flows),
    ...deeds(app),
    ...workspaces(app),
  ];
}

function places({ router, session }: AppState): Command[] {
  return routes.flatMap(({ pattern, nav }) =>
    nav && (!nav.admins || session.isAdmin)
      ? [
          {
            key: `go ${pattern}`,
            group: 'Go to' as const,
            label: nav.label,
            icon: nav.icon,
            run: () => router.go(pattern),
          },
        ]
      : [],
  );
}

function scriptCommands({ router }: AppState, scripts: readonly Schemas['Script'][]): Command[] {
  return scripts.map(({ path, summary }) => ({
    key: `script ${path}`,
    group: 'Scripts',
    label: summary || path,
    detail: summary ? path : undefined,
    icon: 'code',
    run: () => router.go(links.script(path)),
  }));
}

function flowCommands({ router }: AppState, flows: readonly Schemas['Flow'][]): Command[] {
  return flows.map(({ path, summary }) => ({
    key: `flow ${path}`,
    group: 'Flows',
    label: summary || path,
    detail: summary ? path : undefined,
    icon: 'flow',
    run: () => router.go(links.flow(path)),
  }));
}

function workspaces({ router, session }: AppState): Command[] {
  return session.workspaces
    .filter(({ id }) => id !== session.workspace)
    .map(({ id, name }) => ({
      key: `workspace ${id}`,
      group: 'Workspaces',
      label: `Switch to ${name}`,
      icon: 'layers',
      run: () => {
        router.go(links.home);
        session.choose(id);
      },
    }));
}

function deeds({ router, theme }: AppState): Command[] {
  const other = theme.shown === 'dark' ? 'light' : 'dark';
  return [
    {
      key: 'new script',
      group: 'Do',
      label: 'Write a new script',
      icon: 'plus',
      run: () => router.go(links.newScript),
    },
    {
      key: 'theme',
      group: 'Do',
      label: `Use the ${other} theme`,
      icon: other === 'dark' ? 'moon' : 'sun',
      run: () => theme.choose(other),
    },
  ];
}
