export type ToastTone = 'info' | 'success' | 'failure';

export interface ToastMessage {
  id: number;
  tone: ToastTone;
  text: string;
  link?: { href: string; label: string };
}

const SHOWN_MAX = 4;
const SHOWN_MS = 5000;
const FAILURE_SHOWN_MS = 10000;

/** Short messages at the edge of the screen. They leave by themselves; a failure stays longer. */
export class Toasts {
  #shown = $state.raw<ToastMessage[]>([]);
  #next = 1;

  get shown(): readonly ToastMessage[] {
    return this.#shown;
  }

  info(text: string, link?: ToastMessage['link']): void {
    this.#add('info', text, link);
  }

  success(text: string, link?: ToastMessage['link']): void {
    this.#add('success', text, link);
  }

  failure(text: string): void {
    this.#add('failure', text);
  }

  dismiss(id: number): void {
    this.#shown = this.#shown.filter((toast) => toast.id !== id);
  }

  #add(tone: ToastTone, text: string, link?: ToastMessage['link']): void {
    const id = this.#next++;
    this.#shown = [...this.#shown, { id, tone, text, link }].slice(-SHOWN_MAX);
    setTimeout(() => this.dismiss(id), tone === 'failure' ? FAILURE_SHOWN_MS : SHOWN_MS);
  }
}
