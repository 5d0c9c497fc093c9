import type * as nodefs from 'node:fs'
import type { DatagramFs } from '../src/index.ts'

declare const fs: DatagramFs

// Where a program wants the promises of Node, or a call of it, ours are taken.
export const promises: typeof nodefs.promises = fs.promises
export const readFile: typeof nodefs.readFile = fs.readFile
export const createReadStream: typeof nodefs.createReadStream = fs.createReadStream
export const watch: typeof nodefs.watch = fs.watch
export const constants: typeof nodefs.constants = fs.constants
export const text: Promise<string> = fs.promises.readFile('/a', 'utf8')
export const names: Promise<nodefs.Dirent[]> = fs.promises.readdir('/', { withFileTypes: true })
