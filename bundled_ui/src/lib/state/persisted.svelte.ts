/** A value that survives a reload, kept in the browser's storage under `wl.<name>` as JSON. Where
 * storage is refused or holds something else, the fallback is used and nothing breaks. */
export class Persisted<T> {
  #value = $state.raw() as T;
  readonly #key: string;

  constructor(name: string, fallback: T, valid: (value: unknown) => value is T) {
    this.#key = `wl.${name}`;
    this.#value = read(this.#key, valid) ?? fallback;
  }

  get value(): T {
    return this.#value;
  }

  set value(value: T) {
    this.#value = value;
    try {
      localStorage.setItem(this.#key, JSON.stringify(value));
    } catch {
      // Private browsing or a full quota: the value lives as long as the page.
    }
  }
}

function read<T>(key: string, valid: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    return valid(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
