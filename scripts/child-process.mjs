import { spawn } from 'node:child_process'
import path from 'node:path'
import { ROOT } from './workspace.mjs'

// What of npm's configuration may pass on to the tools: how to reach the registry, and where caches are.
// The rest (`npm start` exports all of it) would change what is installed, and the tools of a project
// must not depend on the taste of the person who runs them.
const KEPT_SETTINGS =
  /^npm_config_(registry|cache|userconfig|globalconfig|ca|cafile|cert|key|proxy|https?_proxy|noproxy|strict_ssl|store_dir|fetch_\w+)$/i

// Wins over the user's files, for npm and pnpm alike.
const SETTINGS = {
  npm_config_yes: 'true',
  npm_config_global: 'false',
  npm_config_workspaces: 'false',
  npm_config_dry_run: 'false',
  npm_config_ignore_scripts: 'false',
  npm_config_update_notifier: 'false',
  npm_config_fund: 'false',
  npm_config_audit: 'false',
}

const QUIET_TOOLS = {
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  DO_NOT_TRACK: '1',
  NO_UPDATE_NOTIFIER: '1',
}

/** The environment for every tool: this repository's own binaries first, no taste of the user, no calls home. */
export function toolEnvironment() {
  const environment = {}
  for (const [name, value] of Object.entries(process.env)) {
    const isSetting = /^(npm|pnpm)_/i.test(name) && !KEPT_SETTINGS.test(name)
    if (!isSetting && name !== 'NODE_ENV') environment[name] = value
  }
  const pathName = Object.keys(environment).find((name) => /^path$/i.test(name)) ?? 'PATH'
  const binaries = path.join(ROOT, 'node_modules', '.bin')
  environment[pathName] = `${binaries}${path.delimiter}${environment[pathName] ?? ''}`
  return { ...environment, ...SETTINGS, ...QUIET_TOOLS }
}

/**
 * Runs a command with its output on ours, and with no stdin, so that nothing can ask a question.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, environment?: NodeJS.ProcessEnv, stdin?: 'ignore' | 'inherit' }} [options]
 * @returns {Promise<number>} its exit code; 1 when a signal ended it
 */
export function runCommand(command, args, options = {}) {
  const { cwd = ROOT, environment = toolEnvironment(), stdin = 'ignore' } = options
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: environment,
      stdio: [stdin, 'inherit', 'inherit'],
      // npm and the binaries of node_modules are scripts of the shell there.
      shell: process.platform === 'win32' && command !== process.execPath,
    })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/**
 * As {@link runCommand}, but ends the command and everything that it started when it takes too long: a
 * test that spins without ever letting go is stopped by nothing else.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {number} timeoutMs
 * @returns {Promise<number | undefined>} its exit code; `undefined` when it took too long
 */
export function runCommandWithin(command, args, timeoutMs) {
  // In a process group of its own, which can be ended as one; Windows has none, and ends the command alone.
  const hasGroups = process.platform !== 'win32'
  const child = spawn(command, args, {
    cwd: ROOT,
    env: toolEnvironment(),
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: hasGroups,
    shell: !hasGroups && command !== process.execPath,
  })
  const end = (signal) => {
    if (child.pid === undefined) return
    if (hasGroups) process.kill(-child.pid, signal)
    else child.kill(signal)
  }
  const passOn = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
    const listener = () => end(signal)
    process.on(signal, listener)
    return () => process.off(signal, listener)
  })
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    end('SIGKILL')
  }, timeoutMs)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(isLate ? undefined : (code ?? 1)))
  }).finally(() => {
    clearTimeout(timer)
    for (const stop of passOn) stop()
  })
}
