import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { isCancel, log, note, select } from '@clack/prompts'
import { type Note, type Notebook, timeOf } from './notebook.ts'

/** Lets one choose a note, and then what to do with it. */
export async function openNote(notebook: Notebook): Promise<void> {
  const chosen = await chooseNote(await notebook.notes())
  if (chosen === undefined) return
  note(chosen.text, timeOf(chosen.version))
  const action = await select({
    message: chosen.title,
    options: [
      { value: 'back', label: 'Back' },
      { value: 'edit', label: 'Edit' },
      { value: 'history', label: 'History' },
    ],
  })
  if (action === 'edit') await editNote(notebook, chosen.objectId)
  if (action === 'history') await showHistory(notebook, chosen.objectId)
}

/** A new note, written in the editor. */
export async function writeNote(notebook: Notebook): Promise<void> {
  const payload = { type: 'Text', text: '' } as const
  const { objectId } = await notebook.objects.carriers.commit({ payload })
  await editNote(notebook, objectId)
}

/** Lets one choose a note; undefined when there is none, or none is wanted. */
export async function chooseNote(notes: readonly Note[]): Promise<Note | undefined> {
  if (notes.length === 0) {
    log.info('There is no note.')
    return undefined
  }
  const options = notes.map((each) => ({
    value: each.objectId,
    label: each.title,
    hint: timeOf(each.version),
  }))
  const chosen = await select({ message: 'Which note?', options, maxItems: 10 })
  if (isCancel(chosen)) return undefined
  return notes.find(({ objectId }) => objectId === chosen)
}

// Rendered into a folder of its own, edited there, and taken back.
async function editNote({ objects }: Notebook, objectId: string): Promise<void> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'docnet-notes-'))
  try {
    const rendering = path.join(folder, 'note')
    const file = await objects.render(objectId, rendering, { mode: 'read-write' })
    await runEditor(file)
    const version = await objects.commitFolder(rendering)
    log.info(version === undefined ? 'Nothing was changed.' : `Kept, as of ${timeOf(version)}.`)
  } finally {
    await fs.rm(folder, { recursive: true, force: true })
  }
}

async function showHistory(notebook: Notebook, objectId: string): Promise<void> {
  for await (const version of notebook.objects.carriers.history(objectId)) {
    const { title } = await notebook.noteOf(version)
    log.step(`${timeOf(version)}  ${title}`)
  }
}

async function runEditor(file: string): Promise<void> {
  const editor = process.env['EDITOR'] ?? 'vi'
  // As git does: what is set may have arguments.
  const child = spawn(`${editor} "$FILE"`, {
    shell: true,
    stdio: 'inherit',
    env: { ...process.env, FILE: file },
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) log.warn(`${editor} ended with ${code ?? 'a signal'}.`)
}
