import fs from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '@datagram/fault-harness'
import { openDatagram } from 'datagram'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Terminal } from './terminal.ts'

const DOWN = '\u001b[B'
const RETURN = '\r'
const at = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const quoted = (text: string) => `'${text}'`
const node = `${quoted(process.execPath)} --conditions=datagram:source --import ${quoted(at('../../../packages/fault-harness/src/type-stripping.mjs'))}`

describe('docnet-notes', () => {
  it('writes, edits, finds and syncs notes in a real terminal', { timeout: 900_000 }, async () => {
    await using folder = await temporaryFolder()
    const editor = folder.join('editor.mjs')
    await fs.writeFile(
      editor,
      "import fs from 'node:fs'; fs.appendFileSync(process.argv[2], 'line\\n')",
    )
    await using peer = await openDatagram(folder.join('peer'))
    const theirs = await peer.objects('notes')
    await theirs.carriers.commit({ payload: { type: 'Text', text: 'theirs' } })
    const server = await peer.listen({ host: '127.0.0.1', port: 0 })
    const address = server.address()
    const environment = { EDITOR: `${quoted(process.execPath)} ${quoted(editor)}` }
    const notes = `${node} ${quoted(at('../src/main.ts'))} ${quoted(folder.join('mine'))}`
    const terminal = new Terminal(notes, environment)
    onTestFinished(() => terminal.close())
    const choose = async (menu: string, place: number) => {
      await terminal.shows(menu)
      await terminal.shows('└')
      for (let i = 0; i < place; i++) terminal.type(DOWN)
      terminal.type(RETURN)
    }
    await choose('What now?', 1)
    await terminal.shows('Kept')
    await choose('What now?', 0)
    await choose('Which note?', 0)
    await choose('Back', 1)
    await terminal.shows('Kept')
    await choose('What now?', 0)
    await choose('Which note?', 0)
    await choose('Back', 2)
    await terminal.shows('line')
    await choose('What now?', 3)
    await terminal.shows('There is no conflict.')
    await choose('What now?', 4)
    await terminal.shows('Their link')
    terminal.type(`${await peer.share('notes')}${RETURN}`)
    await terminal.shows('Their address')
    terminal.type(`127.0.0.1:${'port' in address ? address.port : ''}${RETURN}`)
    await terminal.shows('1 versions came in.')
    await choose('What now?', 2)
    await terminal.shows('Search for what?')
    terminal.type(`THEIRS${RETURN}`)
    await terminal.shows('1 found')
    await choose('What now?', 5)
    expect(await terminal.ended()).toBe(0)
    await using mine = await openDatagram(folder.join('mine'))
    const objects = await mine.objects('notes')
    const texts: string[] = []
    for await (const version of objects.carriers.list()) {
      const payload = await objects.carriers.read(version)
      texts.push(payload.type === 'Text' ? payload.text : '')
    }
    expect(texts.sort()).toEqual(['line\nline\n', 'theirs'])
  })
})
