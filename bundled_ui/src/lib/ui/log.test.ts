import { describe, expect, it } from 'vitest';
import { PLAIN, spansOf, stripAnsi } from './ansi';
import {
  findRows,
  keepEnd,
  marked,
  NO_ROWS,
  rowReader,
  rowsOf,
  visible,
  type Rows,
} from './log_rows';
import { BLOCK_ROWS, geometer, geometry, topOfRow, windowOf } from './log_window';

const ESC = '\u001b';
const texts = (rows: Rows): string[] => rows.rows.map((row) => row.text);

describe('terminal colours', () => {
  it('become styled pieces', () => {
    const { spans, after } = spansOf(`a${ESC}[1;31mb${ESC}[0mc${ESC}[32m`);
    expect(spans.map((span) => [span.text, span.style.color, span.style.bold])).toEqual([
      ['a', '', false],
      ['b', 'red', true],
      ['c', '', false],
    ]);
    expect(after.color).toBe('green');
  });
  it.each([
    ['38;5;196', '#ff0000'],
    ['38;5;9', 'bright-red'],
    ['38;5;232', '#080808'],
    ['38;2;1;2;3', '#010203'],
    ['38:2:1:2:3', '#010203'],
    ['95', 'bright-magenta'],
    ['31;39', ''],
    ['999', ''],
  ])('%s is the colour %s', (code, color) => {
    expect(spansOf(`${ESC}[${code}mx`).spans[0]?.style.color).toBe(color);
  });
  it('are dropped together with cursor movement and titles', () => {
    expect(stripAnsi(`${ESC}[2K${ESC}[1Gok${ESC}]0;title\u0007!${ESC}[?25h`)).toBe('ok!');
  });
});

describe('rows', () => {
  it('are the lines, without an empty one after the last line end', () => {
    expect(texts(rowsOf('a\n\nb\n'))).toEqual(['a', '', 'b']);
    expect(texts(rowsOf(''))).toEqual([]);
  });

  it('are the same however the text arrived', () => {
    const text = `one\n${ESC}[31mtwo\nthree${ESC}[0m\n\nfour ${'x'.repeat(5000)}\nlast`;
    for (const step of [1, 3, 7, 64, 1000]) {
      let rows = NO_ROWS;
      for (let at = 0; at <= text.length + step; at += step) rows = rowsOf(text.slice(0, at), rows);
      expect(rows).toEqual(rowsOf(text));
    }
  });

  it('carry a colour over line ends', () => {
    expect(rowsOf(`${ESC}[31ma\nb${ESC}[0m\nc`).rows.map((row) => row.style.color)).toEqual([
      '',
      'red',
      '',
    ]);
  });

  it('start anew when the text is another one', () => {
    expect(texts(rowsOf('x\ny\nz', rowsOf('a\nb')))).toEqual(['x', 'y', 'z']);
  });

  it('cut a line of a megabyte and number its rows alike', () => {
    const rows = rowsOf(`${'x'.repeat(1_000_000)}\nb`).rows;
    expect(Math.max(...rows.map((row) => row.text.length))).toBeLessThanOrEqual(2000);
    expect(rows.at(-2)?.line).toBe(1);
    expect(rows.at(-1)?.line).toBe(2);
  });

  it('show only the last state of a progress bar', () => {
    expect(visible('10%\r20%\r30%')).toBe('30%');
    expect(visible('done\r')).toBe('done');
  });

  it('are found by what is seen, capitals alike', () => {
    expect(findRows(rowsOf(`Er${ESC}[31mror\nfine\nERROR`).rows, 'error')).toEqual([0, 2]);
    expect(findRows(rowsOf('a').rows, '')).toEqual([]);
    expect(marked('aXbx', 'x')).toEqual([
      { text: 'a', hit: false },
      { text: 'X', hit: true },
      { text: 'b', hit: false },
      { text: 'x', hit: true },
    ]);
  });

  it('begin at a line start when the log is too long', () => {
    expect(keepEnd('first\nsecond\nthird', 9)).toBe('third');
    expect(keepEnd('short', 9)).toBe('short');
  });
});

describe('the window', () => {
  const lengths = Array.from({ length: 100_000 }, (_, index) => ({ width: (index % 2) * 150 }));
  it('holds few rows of many and accounts for every pixel', () => {
    const all = geometry(lengths, { rowHeight: 20, columns: 0 });
    const seen = windowOf(all, 1_000_000, 600);
    expect(seen.end - seen.first).toBeLessThan(150);
    expect(seen.first).toBeLessThanOrEqual(50_000);
    expect(seen.end).toBeGreaterThan(50_030);
    expect(seen.before + seen.after + (seen.end - seen.first) * 20).toBe(2_000_000);
  });
  it('gives wrapped rows more height', () => {
    const all = geometry(lengths, { rowHeight: 20, columns: 100 });
    expect(all.tops.at(-1)).toBe(50_000 * 20 + 50_000 * 40);
    expect(topOfRow(all, 50_000)).toBe(1_500_000);
  });
  it('is measured the same however the rows arrived', () => {
    const measure = geometer();
    const text = Array.from({ length: 300 }, (_, index) => 'x'.repeat(index % 130)).join('\n');
    const read = rowReader();
    for (const columns of [0, 40]) {
      for (let at = 0; at < text.length; at += 997) {
        const rows = read(text.slice(0, at));
        const layout = { rowHeight: 18, columns };
        expect(measure(rows, layout)).toEqual(geometry(rows, layout));
      }
    }
  });
  it.each([0, 1, BLOCK_ROWS, BLOCK_ROWS + 1])('holds all of %i rows', (count) => {
    const all = geometry(new Array(count).fill({ width: 1 }), { rowHeight: 20, columns: 0 });
    const seen = windowOf(all, 0, 5000);
    expect([seen.first, seen.before, seen.after]).toEqual([0, 0, 0]);
    expect(seen.end).toBeGreaterThanOrEqual(count);
  });
});

it('keeps the plain style plain', () => {
  expect(spansOf('x').spans[0]?.style).toBe(PLAIN);
});
