import type { ContenderName, DriveName } from '../contender.ts'
import type { Drive } from './drive.ts'
import { hyperdrive } from './hyperdrive-drive.ts'
import { nodeDrive } from './node-drive.ts'
import { ourDrive } from './our-drive.ts'

const drives: Readonly<Record<DriveName, Drive>> = {
  'our-files': ourDrive,
  hyperdrive,
  'node:fs': nodeDrive,
}

export function drive(name: DriveName): Drive {
  return drives[name]
}

export function isDrive(name: ContenderName): name is DriveName {
  return name in drives
}
