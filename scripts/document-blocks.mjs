// What runs in a document. Every ```ts and ```js block runs, so that no example can rot, unless an HTML
// comment (which a reader does not see) right before the block says otherwise:
//
//   <!-- no-run: why it cannot run here -->   the next ts/js block is left out
//   <!-- continues -->                        the next ts/js block goes on where the last one ended
//   <!-- output -->                           the next ```text block is what the last program prints;
//                                             an … in it stands for anything within the line

const FENCE = /^(\s*)(`{3,}|~{3,})\s*([\w-]*)/
const DIRECTIVE = /^\s*<!--\s*(no-run|continues|output)\s*(?::\s*(.*?))?\s*-->\s*$/
const PLAIN = new Set(['js', 'mjs', 'javascript'])
const RUNNABLE = new Set(['ts', 'mts', 'typescript', ...PLAIN])

/**
 * A program of a document: one block, or several of which each continues the one before.
 *
 * @typedef {object} Program
 * @property {number} line the line of its first fence, from 1
 * @property {string} code its text, moved down so that every line has the number it has in the document
 * @property {boolean} isTyped whether it is TypeScript
 * @property {string | undefined} output what it prints, when the document says so
 */

/** A mistake in the comments of a document, at a line of it. */
export class DocumentError extends Error {
  constructor(line, message) {
    super(message)
    this.line = line
  }
}

/**
 * The programs of a Markdown text, and how many blocks it excuses from running.
 *
 * @param {string} text
 * @returns {{ programs: Program[], excused: number }}
 * @throws {DocumentError} when a comment has no block, an excuse no reason, or an output no program
 */
export function readPrograms(text) {
  /** @type {Program[]} */
  const programs = []
  let excused = 0
  for (const block of readBlocks(text)) {
    const { language, line, code, directive } = block
    const previous = programs.at(-1)
    if (directive?.name === 'output') {
      if (!previous) throw new DocumentError(line, 'this output follows no program')
      if (RUNNABLE.has(language)) throw new DocumentError(line, 'an output is a ```text block')
      previous.output = code
    } else if (!RUNNABLE.has(language)) {
      if (directive)
        throw new DocumentError(line, `"${directive.name}" belongs before a ts or js block`)
    } else if (directive?.name === 'no-run') {
      if (!directive.reason) throw new DocumentError(line, 'say why: <!-- no-run: the reason -->')
      excused++
    } else if (directive?.name === 'continues') {
      if (!previous)
        throw new DocumentError(line, 'there is no program before this one to continue')
      previous.code = moveDown(code, line, previous.code)
      previous.output = undefined
    } else {
      const isTyped = !PLAIN.has(language)
      programs.push({ line, code: moveDown(code, line), isTyped, output: undefined })
    }
  }
  return { programs, excused }
}

/** `before`, then `code` with as many empty lines between as put it on the lines after `fenceLine`. */
function moveDown(code, fenceLine, before = '') {
  const missing = fenceLine - (before.split('\n').length - 1)
  return `${before}${'\n'.repeat(missing)}${code}`
}

/** Every fenced block, with the comment that stands right before it. */
function readBlocks(text) {
  const lines = text.split(/\r?\n/)
  const blocks = []
  let directive
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]
    const fence = line.match(FENCE)
    const comment = line.match(DIRECTIVE)
    if (fence) {
      const end = findClosingFence(lines, at, fence[2])
      const code = lines.slice(at + 1, end).map((inner) => inner.replace(fence[1], ''))
      blocks.push({ language: fence[3], line: at + 1, code: `${code.join('\n')}\n`, directive })
      directive = undefined
      at = end
    } else if (directive && line.trim() !== '') {
      throw new DocumentError(directive.line, `"${directive.name}" stands before no block`)
    } else if (comment) {
      directive = { name: comment[1], reason: comment[2], line: at + 1 }
    }
  }
  if (directive)
    throw new DocumentError(directive.line, `"${directive.name}" stands before no block`)
  return blocks
}

function findClosingFence(lines, start, fence) {
  for (let at = start + 1; at < lines.length; at++) {
    const closing = lines[at].trim()
    if (closing.startsWith(fence) && closing === fence[0].repeat(closing.length)) return at
  }
  throw new DocumentError(start + 1, 'this block is never closed')
}

/**
 * The packages that a document tells its reader to install (`npm install a @b/c`).
 *
 * @param {string} text
 * @returns {string[]} names without versions
 */
export function readInstalledPackages(text) {
  const names = []
  for (const [, rest] of text.matchAll(/^\s*(?:\$ )?npm (?:install|i|add)\s+(.+)$/gm)) {
    for (const word of rest.split(/\s+/)) {
      if (!/^(@[\w.-]+\/)?[a-z][\w.-]*(@[\w.^~-]+)?$/.test(word)) continue
      names.push(word.replace(/(?<=.)@[^/]*$/, ''))
    }
  }
  return names
}
