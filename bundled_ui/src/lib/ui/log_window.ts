/**
 * Which rows of a long list are worth drawing. Rows are grouped into blocks, each with a height that is
 * known (unwrapped) or estimated from its characters (wrapped), so that scrolling costs the same for
 * ten lines and for a hundred thousand.
 */

export const BLOCK_ROWS = 20;

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

interface Measured {
  width: number; // characters
}

interface Layout {
  rowHeight: number;
  columns: number; // 0 when rows are not wrapped
}

/** The geometry of the rows. */
export const geometry = (rows: readonly Measured[], layout: Layout): Geometry =>
  geometer()(rows, layout);

/** Measures rows that grow at their end; blocks that are full are measured once. */
export function geometer(): (rows: readonly Measured[], layout: Layout) => Geometry {
  let known: { columns: number; tops: number[]; ends: Measured[] } | null = null;
  return (rows, { rowHeight, columns }) => {
    const full = known?.ends.length ?? 0;
    // A list that only grew has the same rows where it had them before.
    const same = known?.columns === columns && known.ends[full - 1] === rows[full * BLOCK_ROWS - 1];
    const tops = known && same ? known.tops.slice(0, full + 1) : [0];
    const ends = known && same ? known.ends : [];
    for (let start = (tops.length - 1) * BLOCK_ROWS; start < rows.length; start += BLOCK_ROWS) {
      const block = rows.slice(start, start + BLOCK_ROWS);
      tops.push((tops.at(-1) ?? 0) + linesOf(block, columns) * rowHeight);
      const end = block[BLOCK_ROWS - 1];
      // The last row may still grow.
      if (end && start + BLOCK_ROWS < rows.length) ends.push(end);
    }
    known = { columns, tops, ends };
    return { tops };
  };
}

function linesOf(block: readonly Measured[], columns: number): number {
  if (columns === 0) return block.length;
  return block.reduce((sum, { width }) => sum + Math.max(1, Math.ceil(width / columns)), 0);
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
