/*
 * What counts as a word, in any language. Texts are compared in one form: Unicode NFKC, without case, without
 * accents (U+0300 to U+036F; vowel signs of other scripts stay), without invisible characters. A word is a
 * run of letters, digits and marks, or a pictograph, or a flag. Scripts that put no spaces between words are
 * cut into words by `Intl.Segmenter`.
 */
const IGNORED = /[\u0300-\u036f\ufe00-\ufe0f\p{Cf}]/gu
const RUNS = /[\p{L}\p{N}\p{M}]+|\p{Regional_Indicator}{2}|\p{Extended_Pictographic}/gu
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
/** Of a longer word the beginning counts, in a text as in what is searched for. */
const WORD_BEGINNING = /^.{1,40}/u
// Whose dictionaries it has does not depend on the language; what this machine speaks must not matter.
const segmenter = new Intl.Segmenter('und', { granularity: 'word' })

/** What is searched for: all of these. */
export interface WordQuery {
  readonly words: readonly string[]
  /** Beginning of a further word: the last one, unless something follows it. */
  readonly beginning: string | undefined
}

/** The words of a text, in order. */
export function* wordsIn(text: string): Generator<string, void, undefined> {
  for (const [run] of compared(text).matchAll(RUNS)) {
    if (!UNSPACED.test(run)) yield cut(run)
    else for (const { segment } of segmenter.segment(run)) yield cut(segment)
  }
}

/** Each word of a text once, sorted, with a space before and behind every one. */
export function wordList(text: string): string {
  const words = [...new Set(wordsIn(text))].sort()
  return words.length === 0 ? ' ' : ` ${words.join(' ')} `
}

/** What somebody means who searches for `text`; its last word may be unfinished. */
export function wordQuery(text: string): WordQuery {
  if (typeof text !== 'string') throw new TypeError('what is searched for is a string')
  const words = [...wordsIn(text)]
  const isUnfinished = /[\p{L}\p{N}\p{M}]$/u.test(compared(text))
  return {
    words: isUnfinished ? words.slice(0, -1) : words,
    beginning: isUnfinished ? words.at(-1) : undefined,
  }
}

/** Whether a text with this {@link wordList} is meant. A query without words means none. */
export function isMeant({ words, beginning }: WordQuery, list: string): boolean {
  if (words.length === 0 && beginning === undefined) return false
  if (beginning !== undefined && !list.includes(` ${beginning}`)) return false
  return words.every((word) => list.includes(` ${word} `))
}

function compared(text: string): string {
  const plain = text.normalize('NFKD').replace(IGNORED, '')
  // There and back folds what is one letter in one case and two in the other, and both forms of sigma.
  return plain.toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC')
}

function cut(word: string): string {
  return WORD_BEGINNING.exec(word)?.[0] ?? word
}
