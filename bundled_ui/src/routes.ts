/** The table of pages. A page is loaded when it is first opened; the first matching pattern wins.
 *
 * A page component takes one prop, `params`, the named parts of its pattern; it reads the query from
 * `useApp().router.query`. A new room is one line here and, with `nav`, one entry of the navigation. */
import type { Component } from 'svelte';
import type { IconName } from './lib/ui/icons';
import type { Params } from './lib/model/route';

export interface PageProps {
  params: Params;
}

export interface Route {
  pattern: string;
  title: string; // For the tab; a page with a better name of its own sets it by <svelte:head>.
  load: () => Promise<{ default: Component<PageProps> | Component }>;
  // Without it the page is for people who are logged in; `door` is left by them, `open` is for all.
  access?: 'door' | 'open';
  wide?: true; // The page uses the whole width and height: the editor.
  nav?: { label: string; icon: IconName; admins?: true }; // Shown to admins of the workspace only.
  room?: string; // The pattern of the navigation entry that is lit while this page is open.
}

export const routes: readonly Route[] = [
  {
    pattern: '/',
    title: 'Home',
    load: () => import('./features/home/HomePage.svelte'),
    nav: { label: 'Home', icon: 'home' },
  },
  {
    pattern: '/runs',
    title: 'Runs',
    load: () => import('./features/runs/RunsPage.svelte'),
    nav: { label: 'Runs', icon: 'runs' },
  },
  {
    pattern: '/run/:id',
    title: 'Run',
    load: () => import('./features/runs/RunPage.svelte'),
    room: '/runs',
  },
  {
    pattern: '/schedules',
    title: 'Schedules',
    load: () => import('./features/schedules/SchedulesPage.svelte'),
    nav: { label: 'Schedules', icon: 'calendar' },
  },
  {
    pattern: '/variables',
    title: 'Variables',
    load: () => import('./features/values/VariablesPage.svelte'),
    nav: { label: 'Variables', icon: 'key' },
  },
  {
    pattern: '/resources',
    title: 'Resources',
    load: () => import('./features/values/ResourcesPage.svelte'),
    nav: { label: 'Resources', icon: 'cube' },
  },
  {
    pattern: '/workers',
    title: 'Workers',
    load: () => import('./features/workers/WorkersPage.svelte'),
    nav: { label: 'Workers', icon: 'server' },
  },
  {
    pattern: '/settings',
    title: 'Settings',
    load: () => import('./features/settings/SettingsPage.svelte'),
    nav: { label: 'Settings', icon: 'settings', admins: true },
  },
  {
    pattern: '/scripts/add',
    title: 'New script',
    load: () => import('./features/scripts/ScriptEditorPage.svelte'),
    wide: true,
    room: '/',
  },
  {
    pattern: '/scripts/edit/*path',
    title: 'Edit script',
    load: () => import('./features/scripts/ScriptEditorPage.svelte'),
    wide: true,
    room: '/',
  },
  {
    pattern: '/scripts/get/*path',
    title: 'Script',
    load: () => import('./features/scripts/ScriptPage.svelte'),
    room: '/',
  },
  {
    pattern: '/flows/get/*path',
    title: 'Flow',
    load: () => import('./features/flows/FlowPage.svelte'),
    room: '/',
  },
  {
    pattern: '/approve/:workspace/:job/:resume/:signature',
    title: 'Approval',
    load: () => import('./features/approve/ApprovePage.svelte'),
    access: 'open',
  },
  {
    pattern: '/setup',
    title: 'Set up',
    load: () => import('./features/login/SetupPage.svelte'),
    access: 'door',
  },
  {
    pattern: '/login',
    title: 'Log in',
    load: () => import('./features/login/LoginPage.svelte'),
    access: 'door',
  },
  {
    pattern: '/user/login',
    title: 'Log in',
    load: () => import('./features/login/LoginPage.svelte'),
    access: 'door',
  },
];
