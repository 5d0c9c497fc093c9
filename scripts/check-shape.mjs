// The shape of every source file: sizes, names, and what an index may hold (see shape.mjs).
import fs from 'node:fs'
import path from 'node:path'
import { findShapeFaults } from './shape.mjs'
import { listSourceFiles, ROOT } from './workspace.mjs'

const files = listSourceFiles()
let faults = 0
for (const file of files) {
  for (const { line, message } of findShapeFaults(
    file,
    fs.readFileSync(path.join(ROOT, file), 'utf8'),
  )) {
    faults++
    console.error(`${file}:${line}: ${message}`)
  }
}
console.log(`${files.length} source files looked at, ${faults} faults in their shape`)
if (faults > 0) process.exitCode = 1
