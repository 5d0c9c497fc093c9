import { isCancel, log, text } from '@clack/prompts'
import type { Notebook } from './notebook.ts'

const ADDRESS = /^(.+):(\d+)$/

/** Tells how others find these notes, and takes in those of somebody whose link and address one has. */
export async function syncWithPeer({ datagram, objects }: Notebook): Promise<void> {
  await using server = await datagram.listen({ host: '127.0.0.1', port: 0 })
  const own = server.address()
  if ('port' in own)
    log.info(`My link and address:\n${await datagram.share('notes')}\n${own.host}:${own.port}`)
  const link = await text({ message: 'Their link (leave empty to only wait)' })
  if (isCancel(link)) return
  if (!link) {
    await text({ message: 'Others can sync now. Return ends it' })
    return
  }
  const address = await text({
    message: 'Their address',
    validate: (value) => (ADDRESS.test(value ?? '') ? undefined : 'host:port'),
  })
  if (isCancel(address)) return
  const [, host = '', port = ''] = ADDRESS.exec(address) ?? []
  const name = `theirs ${link.slice(-16)}`
  const connect = [{ host, port: Number(port) }]
  await datagram.attach(link, { name, connect, sparse: true })
  const theirs = await datagram.objects(name)
  await theirs.update()
  const summary = await objects.pull(theirs)
  log.success(`${summary.objects} versions came in.`)
}
