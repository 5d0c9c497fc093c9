import { openDatagram } from 'datagram'
import git from 'isomorphic-git'
import http from 'isomorphic-git/http/node'
import { DIRECTORY } from './directory.ts'

/** The machine that works: it clones a repository over HTTP, and everything of it lies in a datagram. */
export async function startFirstMachine(folder: string, url: string) {
  const datagram = await openDatagram(folder, { password: 'correct horse battery staple' })
  const fs = await datagram.fs('repository')
  // To isomorphic-git this is Node's fs.
  const repository = { fs, dir: DIRECTORY }
  await git.clone({ ...repository, http, url })
  const listener = await datagram.listen({ host: '127.0.0.1', port: 0 })
  return {
    link: await datagram.share(),
    address: listener.address(),
    branch: await git.currentBranch(repository),
    /** Writes a file and commits it; the id of the commit. */
    async commit(filepath: string, content: string, message: string): Promise<string> {
      await fs.promises.writeFile(`${DIRECTORY}/${filepath}`, content)
      await git.add({ ...repository, filepath })
      const author = { name: 'The first machine', email: 'first@example.org' }
      return git.commit({ ...repository, message, author })
    },
    [Symbol.asyncDispose]: () => datagram.close(),
  }
}
