import { describe, expect, it } from 'vitest'
import { FILE_LINES_MAX, FUNCTION_LINES_MAX, findShapeFaults } from './shape.mjs'

const lines = (count, line) => `${Array(count).fill(line).join('\n')}\n`
const long = (head) => `${head} {\n${lines(FUNCTION_LINES_MAX - 1, '  call()')}}\n`
const file = 'packages/stream/src/frame.ts'

describe('findShapeFaults', () => {
  it('accepts a file and a function at their ceilings', () => {
    expect(findShapeFaults(file, lines(FILE_LINES_MAX, 'call()'))).toEqual([])
    const body = lines(FUNCTION_LINES_MAX - 2, '  call()')
    expect(findShapeFaults(file, `function pack() {\n${body}}\n`)).toEqual([])
  })

  it('reports one line more, with the place and the reason', () => {
    const [tooLong] = findShapeFaults(file, lines(FILE_LINES_MAX + 1, 'call()'))
    expect(tooLong.message).toMatch(/^401 lines, the ceiling is 400 .* which second noun/)
    const [fault] = findShapeFaults(file, `\n${long('export async function pack()')}`)
    expect(fault).toEqual({
      line: 2,
      message: expect.stringContaining('function pack has 71 lines'),
    })
  })

  it.each(['const pack = () =>', 'class Frame { pack()', 'run(async function ()'])(
    'finds the long function in %s',
    (head) => expect(findShapeFaults(file, long(head))).toHaveLength(1),
  )

  it('lets a describe be long in a test, but no single test', () => {
    const test = 'packages/stream/test/frame.test.ts'
    expect(findShapeFaults(test, `${long(`describe('x', () =>`)})`)).toEqual([])
    expect(findShapeFaults(file, `${long(`describe('x', () =>`)})`)).toHaveLength(1)
    expect(findShapeFaults(test, `${long(`it('x', () =>`)})`)).toHaveLength(1)
  })

  it.each(['utils.ts', 'helper.mjs', 'common.test.ts', 'shared/frame.ts', 'misc.d.ts'])(
    'refuses the name %s',
    (name) => expect(findShapeFaults(`packages/stream/src/${name}`, '')).toHaveLength(1),
  )

  it('holds an index to exports from elsewhere', () => {
    const index = 'packages/stream/src/index.ts'
    expect(findShapeFaults(index, `// doors\nexport { a, type B } from './a.ts'\n`)).toEqual([])
    expect(findShapeFaults(index, `import { a } from './a.ts'\nexport { a }\n`)).toHaveLength(2)
    expect(findShapeFaults(index, `export const a = 1\n`)).toHaveLength(1)
  })
})
