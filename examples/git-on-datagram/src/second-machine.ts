import nodeFs from 'node:fs'
import path from 'node:path'
import { cloneDatagram } from 'datagram'
import git from 'isomorphic-git'
import { DIRECTORY } from './directory.ts'

type Address = NonNullable<NonNullable<Parameters<typeof cloneDatagram>[2]>['connect']>[number]

/** Another machine: it has the link, and so the repository, to be read. */
export async function startSecondMachine(
  folder: string,
  { link, address }: { readonly link: string; readonly address: Address },
) {
  const datagram = await cloneDatagram(link, folder, {
    password: 'another password',
    connect: [address],
  })
  const fs = await datagram.fs('repository')
  return {
    /** The messages of the newest commits, read where they lie. */
    async log(): Promise<string[]> {
      await datagram.update()
      const commits = await git.log({ fs, dir: DIRECTORY, depth: 5 })
      return commits.map(({ commit }) => commit.message.trim())
    },
    /** Checks a branch out into a folder of this machine, where any git goes on with it. */
    async checkOut(ref: string, into: string): Promise<void> {
      await fs.exportFolder(path.join(into, '.git'), { path: `${DIRECTORY}/.git` })
      await git.checkout({ fs: nodeFs, dir: into, ref, force: true })
    },
    [Symbol.asyncDispose]: () => datagram.close(),
  }
}
