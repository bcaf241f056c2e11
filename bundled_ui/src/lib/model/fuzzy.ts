/** Finding by a few typed letters: all words must occur, a good place counts more. */

/** How well `text` answers `query`: 0 is not at all; a hit at the start of a part beats one inside. */
export function score(query: string, text: string): number {
  const hay = text.toLowerCase();
  let total = 1;
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    const at = hay.indexOf(word);
    const points = at >= 0 ? wholePoints(hay, word, at) : scatteredPoints(hay, word);
    if (points === 0) return 0;
    total += points;
  }
  return total;
}

/** The items that answer `query`, best first and otherwise in their old order; all for an empty query. */
export function search<T>(query: string, items: readonly T[], textOf: (item: T) => string): T[] {
  if (query.trim() === '') return [...items];
  return items
    .map((item, index) => ({ item, index, points: score(query, textOf(item)) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points || a.index - b.index)
    .map(({ item }) => item);
}

function wholePoints(hay: string, word: string, at: number): number {
  const startsPart = at === 0 || /[\s/_.-]/.test(hay[at - 1]!);
  const endsPart = at + word.length === hay.length || /[\s/_.-]/.test(hay[at + word.length]!);
  return 100 + (startsPart ? 40 : 0) + (startsPart && endsPart ? 20 : 0);
}

/** Letters in order with gaps, for "scu" in sync_customers: fewer points the wider they lie. */
function scatteredPoints(hay: string, word: string): number {
  if (word.length < 2) return 0;
  let at = -1;
  let first = -1;
  for (const letter of word) {
    at = hay.indexOf(letter, at + 1);
    if (at < 0) return 0;
    if (first < 0) first = at;
  }
  const spread = at - first + 1;
  return spread > word.length * 6 ? 0 : Math.max(1, 40 - spread);
}
