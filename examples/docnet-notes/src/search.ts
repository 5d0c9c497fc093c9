import { isCancel, log, text } from '@clack/prompts'
import type { Notebook } from './notebook.ts'

/** Shows the notes that have a text in them. */
export async function search(notebook: Notebook): Promise<void> {
  const wanted = await text({ message: 'Search for what?' })
  if (isCancel(wanted) || wanted === '') return
  const found = (await notebook.notes()).filter((each) =>
    each.text.toLowerCase().includes(wanted.toLowerCase()),
  )
  for (const { title } of found) log.step(title)
  log.info(`${found.length} found`)
}
