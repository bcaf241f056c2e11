/**
 * Which rows of a long list are worth drawing. Rows are grouped into blocks, each with a height that is
 * known (unwrapped) or estimated from its characters (wrapped), so that scrolling costs the same for
 * ten lines and for a hundred thousand.
 */

export const BLOCK_ROWS = 50;

export interface Geometry {
  /** `tops[i]` is where block i begins, in pixels; the last entry is the height of all. */
  tops: number[];
}

export interface Window {
  first: number; // row
  end: number; // row after the last
  before: number; // pixels of what is left out above
  after: number; // and below
}

/** The geometry of rows of `lengths` characters; `columns` is 0 when rows are not wrapped. */
export function geometry(
  lengths: readonly number[],
  { rowHeight, columns }: { rowHeight: number; columns: number },
): Geometry {
  const tops = [0];
  let height = 0;
  for (let start = 0; start < lengths.length; start += BLOCK_ROWS) {
    const end = Math.min(start + BLOCK_ROWS, lengths.length);
    let lines = end - start;
    if (columns > 0) {
      for (let row = start; row < end; row++) {
        lines += Math.max(0, Math.ceil((lengths[row] ?? 0) / columns) - 1);
      }
    }
    height += lines * rowHeight;
    tops.push(height);
  }
  return { tops };
}

/** The rows to draw for a view of `height` pixels scrolled to `top`, with a view's worth to spare. */
export function windowOf({ tops }: Geometry, top: number, height: number): Window {
  const total = tops.at(-1) ?? 0;
  const blocks = tops.length - 1;
  const firstBlock = Math.min(blockAt(tops, top - height), Math.max(0, blocks - 1));
  const lastBlock = Math.min(blockAt(tops, top + 2 * height), blocks - 1);
  return {
    first: firstBlock * BLOCK_ROWS,
    end: (lastBlock + 1) * BLOCK_ROWS,
    before: tops[firstBlock] ?? 0,
    after: total - (tops[lastBlock + 1] ?? total),
  };
}

/** Where to scroll so that `row` is seen; exact to its block. */
export function topOfRow({ tops }: Geometry, row: number): number {
  const block = Math.floor(row / BLOCK_ROWS);
  const top = tops[block] ?? 0;
  const height = (tops[block + 1] ?? top) - top;
  return top + (height * (row % BLOCK_ROWS)) / BLOCK_ROWS;
}

/** The block that covers `pixel`, by halving. */
function blockAt(tops: readonly number[], pixel: number): number {
  let low = 0;
  let high = tops.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((tops[middle] ?? 0) <= pixel) low = middle;
    else high = middle - 1;
  }
  return low;
}
