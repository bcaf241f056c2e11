import { getContext, setContext } from 'svelte';
import { createApi, type Api } from '../api/client';
import { Router } from './router.svelte';
import { Session } from './session.svelte';
import { Theme } from './theme.svelte';
import { Toasts } from './toasts.svelte';

/** What every page may use: made once by App.svelte, reached by `useApp()`. */
export class AppState {
  readonly router = new Router();
  readonly theme = new Theme();
  readonly toasts = new Toasts();
  readonly api: Api = createApi(() => this.session.forget());
  readonly session: Session = new Session(this.api);
}

const KEY = Symbol('app');

export function provideApp(app: AppState): AppState {
  return setContext(KEY, app);
}

/** Call it while a component is being set up, as every context. */
export function useApp(): AppState {
  return getContext<AppState>(KEY);
}
