/** Cutting a stream of text into server-sent events, wherever the network cut it before. */

/** Takes the text as it comes and gives the data of each event that is complete. */
export class EventCutter {
  #rest = '';

  /** The data of the events completed by `chunk`, in order; comments and other fields are dropped. */
  push(chunk: string): string[] {
    const raw = this.#rest + chunk;
    const whole = raw.endsWith('\r') ? raw.length - 1 : raw.length; // Its \n may still be on the way.
    const events = raw.slice(0, whole).replace(/\r\n?/g, '\n').split('\n\n');
    this.#rest = (events.pop() ?? '') + raw.slice(whole);
    return events.map(dataOf).filter((data) => data !== '');
  }
}

function dataOf(event: string): string {
  return event
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(line.startsWith('data: ') ? 6 : 5))
    .join('\n');
}
