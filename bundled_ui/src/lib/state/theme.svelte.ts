import { Persisted } from './persisted.svelte';

export type ThemeChoice = 'system' | 'light' | 'dark';

const isChoice = (value: unknown): value is ThemeChoice =>
  value === 'system' || value === 'light' || value === 'dark';

/** Light or dark. The choice is applied as `data-theme` on the root element; before the first paint
 * public/theme.js has done the same with the same key. */
export class Theme {
  #choice = new Persisted<ThemeChoice>('theme', 'system', isChoice);
  #systemDark = $state.raw(false);
  /** What is on the screen now, for those who cannot use CSS: the code editor. */
  readonly shown: 'light' | 'dark' = $derived(
    this.#choice.value === 'system' ? (this.#systemDark ? 'dark' : 'light') : this.#choice.value,
  );

  constructor() {
    const system = matchMedia('(prefers-color-scheme: dark)');
    this.#systemDark = system.matches;
    system.addEventListener('change', (event) => (this.#systemDark = event.matches));
  }

  get choice(): ThemeChoice {
    return this.#choice.value;
  }

  choose(choice: ThemeChoice): void {
    this.#choice.value = choice;
    if (choice === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
  }
}
