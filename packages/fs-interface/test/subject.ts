import { openOnStore, type Subject } from '@datagram/conformance'
import { type DatagramFs, fsInterface } from '../src/index.ts'

// Slashes and control characters are no matter of the kit's names; the empty one is no name of a file.
const at = (name: string) => `/${name}`

/** The file system as the conformance kit drives it: a value is a file in the root. */
export const fsSubject: Subject<DatagramFs> = {
  definition: fsInterface,
  open: openOnStore(fsInterface),
  names: [' ', '__proto__', 'ü', '😀', 'AAA', 'AAAA', '\u{10ffff}'],
  gaps: {
    'atomic-refused': 'what is too large for a value is none for a file, which is written in steps',
    'replica-refuses': 'writes are refused with the code that node:fs has for it, EROFS',
  },
  actions: {
    store: (fs, name, value) => fs.promises.writeFile(at(name), value),
    async load(fs, name) {
      try {
        return await fs.promises.readFile(at(name))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    remove: (fs, name) => fs.promises.rm(at(name), { force: true }),
    list: (fs) => fs.promises.readdir('/'),
  },
}
