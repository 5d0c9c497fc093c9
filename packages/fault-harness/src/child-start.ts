// Imported by node before the script of a child process (see child.ts).
import { prepareChild } from './child-side.ts'

await prepareChild()
