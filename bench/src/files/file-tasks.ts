import { cloneLarge, cloneSmall } from './clone-tasks.ts'
import { gitClone } from './git-task.ts'
import { readLarge, writeLargeFile } from './large-tasks.ts'
import { middleRead } from './middle-task.ts'
import { readSmallFiles, writeSmallFiles } from './small-tasks.ts'

/** Everything that can be measured of files, by name. */
export const fileTasks = {
  writeLargeFile,
  readLarge,
  writeSmallFiles,
  readSmallFiles,
  cloneLarge,
  cloneSmall,
  gitClone,
  middleRead,
}
