import type { Command, Reply } from '@datagram/kv-interface/redis'
import type { Client } from './client.ts'

const ARGUMENTS_MAX = 32
const ARGUMENT_BYTES_MAX = 128

/** Commands that took long, the newest first. */
export class SlowLog {
  #thresholdUs = 10_000
  #length = 128
  #nextId = 0
  #entries: Reply[] = []

  setThreshold(value: string): string {
    const microseconds = Number(value)
    if (!Number.isInteger(microseconds))
      throw new Error("argument couldn't be parsed into an integer")
    this.#thresholdUs = microseconds
    return value
  }

  setLength(value: string): string {
    const length = Number(value)
    if (!Number.isInteger(length) || length < 0) throw new Error('argument must be a whole number')
    this.#length = length
    this.#entries = this.#entries.slice(0, length)
    return value
  }

  /** Begins to measure a command; to be called when it has answered. */
  measure(client: Client, command: Command, args: readonly Uint8Array[]): (() => void) | undefined {
    if (this.#thresholdUs < 0 || this.#length === 0 || command.flags.includes('blocking')) {
      return undefined
    }
    const began = performance.now()
    return () => {
      const tookUs = (performance.now() - began) * 1000
      if (tookUs >= this.#thresholdUs) this.#add(client, command, { args, tookUs })
    }
  }

  entries(count: number): readonly Reply[] {
    return count < 0 ? this.#entries : this.#entries.slice(0, count)
  }

  get length(): number {
    return this.#entries.length
  }

  clear(): void {
    this.#entries = []
  }

  #add(
    client: Client,
    { name }: Command,
    { args, tookUs }: { readonly args: readonly Uint8Array[]; readonly tookUs: number },
  ): void {
    const words = [...name.split('|').map((word) => Buffer.from(word)), ...args]
    const shown = words
      .slice(0, ARGUMENTS_MAX)
      .map((word) => Buffer.from(word.subarray(0, ARGUMENT_BYTES_MAX)))
    const { socket } = client
    this.#entries.unshift([
      this.#nextId++,
      Math.floor(Date.now() / 1000),
      Math.round(tookUs),
      shown,
      `${socket.remoteAddress}:${socket.remotePort}`,
      client.name,
    ])
    this.#entries.length = Math.min(this.#entries.length, this.#length)
  }
}
