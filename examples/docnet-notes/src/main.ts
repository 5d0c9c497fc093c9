// docnet-notes FOLDER: notes in a terminal. Two people give each other their links, and both have all notes.
import { intro, isCancel, outro, select } from '@clack/prompts'
import { openDatagram } from 'datagram'
import { settleConflicts } from './conflicts.ts'
import { openNote, writeNote } from './editing.ts'
import { Notebook } from './notebook.ts'
import { search } from './search.ts'
import { syncWithPeer } from './sync.ts'

async function main(): Promise<void> {
  const [folder] = process.argv.slice(2)
  if (folder === undefined) throw new TypeError('give a folder: docnet-notes FOLDER')
  await using datagram = await openDatagram(folder)
  const notebook = await Notebook.open(datagram)
  intro('docnet-notes')
  const actions = {
    open: () => openNote(notebook),
    write: () => writeNote(notebook),
    search: () => search(notebook),
    conflicts: () => settleConflicts(notebook),
    sync: () => syncWithPeer(notebook),
  }
  for (;;) {
    const action = await select({
      message: 'What now?',
      options: [
        { value: 'open', label: 'Open a note' },
        { value: 'write', label: 'Write a note' },
        { value: 'search', label: 'Search' },
        { value: 'conflicts', label: 'Conflicts' },
        { value: 'sync', label: 'Sync with somebody' },
        { value: 'quit', label: 'Quit' },
      ],
    })
    if (isCancel(action) || action === 'quit') break
    await actions[action as keyof typeof actions]()
  }
  outro('Until next time.')
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
