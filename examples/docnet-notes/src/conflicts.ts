import { isCancel, log, select } from '@clack/prompts'
import type { Notebook } from './notebook.ts'

/** Shows what two people have changed apart, and lets one choose which it is to be. */
export async function settleConflicts(notebook: Notebook): Promise<void> {
  const { objects } = notebook
  let count = 0
  for await (const { kind, versions } of objects.conflicts()) {
    const [newest] = versions
    if (kind !== 'versions' || newest === undefined) continue
    count++
    const options = []
    for await (const version of objects.carriers.history(newest.objectId)) {
      const isSide = versions.some(({ namedHash }) => namedHash === version.namedHash)
      if (!isSide) continue
      const { text } = await notebook.noteOf(version)
      options.push({ value: version.payload, label: text.trim().replaceAll('\n', ' / ') })
    }
    const stored = await select({ message: 'Which of these?', options })
    if (isCancel(stored)) return
    const previous = versions.map(({ namedHash }) => namedHash)
    const payload = { type: 'Text', stored } as const
    await objects.carriers.commit({ objectId: newest.objectId, previous, payload })
    log.success('Settled.')
  }
  if (count === 0) log.info('There is no conflict.')
}
