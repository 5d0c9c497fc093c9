import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { runCommand, runCommandWithin, toolEnvironment } from './child-process.mjs'
import { readTally, recordTally, TALLY_VARIABLE } from './tally.mjs'
import { ROOT } from './workspace.mjs'

afterEach(() => vi.unstubAllEnvs())

describe('toolEnvironment', () => {
  it('drops the taste of the user and keeps the way to the registry', () => {
    vi.stubEnv('npm_config_omit', 'dev')
    vi.stubEnv('npm_config_global', 'true')
    vi.stubEnv('npm_package_name', 'other')
    vi.stubEnv('NODE_ENV', 'production')
    vi.stubEnv('npm_config_registry', 'https://registry.example')
    vi.stubEnv('npm_config_cache', '/cache')
    vi.stubEnv('HOME', '/home/somebody')
    const environment = toolEnvironment()
    expect(environment).not.toHaveProperty('npm_config_omit')
    expect(environment).not.toHaveProperty('npm_package_name')
    expect(environment).not.toHaveProperty('NODE_ENV')
    expect(environment).toMatchObject({
      npm_config_global: 'false',
      npm_config_registry: 'https://registry.example',
      npm_config_cache: '/cache',
      HOME: '/home/somebody',
      TURBO_TELEMETRY_DISABLED: '1',
    })
  })

  it('puts the binaries of this repository first', () => {
    expect(toolEnvironment().PATH.split(path.delimiter)[0]).toBe(
      path.join(ROOT, 'node_modules', '.bin'),
    )
  })
})

describe('runCommand', () => {
  it('resolves with the exit code, and 1 for a signal', async () => {
    expect(await runCommand(process.execPath, ['-e', 'process.exit(7)'])).toBe(7)
    expect(await runCommand(process.execPath, ['-e', 'process.kill(process.pid)'])).toBe(1)
  })

  it('rejects when there is no such command', async () => {
    await expect(runCommand('no-such-command', [])).rejects.toThrow('no-such-command')
  })
})

describe('runCommandWithin', () => {
  it('resolves with the exit code of what ends in time', async () => {
    expect(await runCommandWithin(process.execPath, ['-e', 'process.exit(7)'], 10_000)).toBe(7)
  })

  it('ends what spins, and the processes that it started', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spin-'))
    const file = path.join(folder, 'beat')
    const beat = `setInterval(() => require('fs').appendFileSync(process.argv[1], '.'), 20)`
    const spin = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(beat)}, process.argv[1]]); for (;;);`
    expect(await runCommandWithin(process.execPath, ['-e', spin, file], 2000)).toBeUndefined()
    const { size } = fs.statSync(file)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(fs.statSync(file).size).toBe(size)
    fs.rmSync(folder, { recursive: true })
  })
})

describe('the tally', () => {
  it('sums the counts of a part and of all', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tally-'))
    const file = path.join(folder, 'tally')
    vi.stubEnv(TALLY_VARIABLE, file)
    expect(readTally(file)).toEqual({ passed: 0, failed: 0 })
    recordTally('tests', { passed: 5, failed: 1 })
    recordTally('examples', { passed: 2, failed: 0 })
    recordTally('tests', { passed: 1, failed: 0 })
    expect(readTally(file, 'tests')).toEqual({ passed: 6, failed: 1 })
    expect(readTally(file)).toEqual({ passed: 8, failed: 1 })
    fs.rmSync(folder, { recursive: true })
  })
})
