import ts from 'typescript'

/** Most lines a file may have: what does not fit is two nouns. */
export const FILE_LINES_MAX = 400
/** Most lines a function may have: one that does not fit a screen cannot be read at once. */
export const FUNCTION_LINES_MAX = 70

const VAGUE_NAME = /(^|\/)(utils?|helpers?|common|misc|shared)(\.[^/]*)?(\/|$)/
const INDEX = /^packages\/[^/]+\/src\/(.+\/)?index\.ts$/
const TEST = /\.test\.(ts|mjs)$|\/test\//

/**
 * What is wrong with the shape of one source file: its name, its length, its functions' lengths, and,
 * of an `index.ts`, anything that is not an export from elsewhere.
 *
 * @param {string} file path inside the repository, with `/` between its parts
 * @param {string} text
 * @returns {{ line: number, message: string }[]}
 */
export function findShapeFaults(file, text) {
  const faults = []
  const vague = file.match(VAGUE_NAME)
  if (vague) {
    faults.push({
      line: 1,
      message: `"${vague[2]}" names nothing: name the file for the noun in it`,
    })
  }
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  if (lines > FILE_LINES_MAX) {
    faults.push({
      line: FILE_LINES_MAX,
      message: `${lines} lines, the ceiling is ${FILE_LINES_MAX} (about 250 is good): one noun a file, so which second noun hides in it?`,
    })
  }
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true)
  faults.push(...findLongFunctions(source, TEST.test(file)))
  if (INDEX.test(file)) faults.push(...findIndexFaults(source))
  return faults
}

function findLongFunctions(source, isTest) {
  const faults = []
  const visit = (node) => {
    if (ts.isFunctionLike(node) && !(isTest && isSuite(node))) {
      const first = lineOf(source, node.getStart(source))
      const lines = lineOf(source, node.end) - first + 1
      if (lines > FUNCTION_LINES_MAX) {
        faults.push({
          line: first,
          message: `${nameOf(node)} has ${lines} lines, the ceiling is ${FUNCTION_LINES_MAX} (about 40 is good): give each of its steps a name of its own`,
        })
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return faults
}

/** Whether a function is the body of a `describe`, which holds tests as a file holds functions. */
function isSuite(node) {
  return ts.isCallExpression(node.parent) && /^describe\b/.test(node.parent.expression.getText())
}

function findIndexFaults(source) {
  return source.statements
    .filter((statement) => !(ts.isExportDeclaration(statement) && statement.moduleSpecifier))
    .map((statement) => ({
      line: lineOf(source, statement.getStart(source)),
      message: 'an index lists exports and nothing else: move this to a file named for its noun',
    }))
}

function nameOf(node) {
  const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined)
  return named ? `function ${named.getText()}` : 'this function'
}

function lineOf(source, position) {
  return source.getLineAndCharacterOfPosition(position).line + 1
}
