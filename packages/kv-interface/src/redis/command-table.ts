import type { Command } from './command.ts'

/** Commands by name. */
export class CommandTable {
  readonly #commands = new Map<string, Command>()

  constructor(...lists: (readonly Command[])[]) {
    for (const list of lists) for (const command of list) this.#commands.set(command.name, command)
  }

  /** The command with a name, in any case. */
  get(name: string): Command | undefined {
    return this.#commands.get(name) ?? this.#commands.get(name.toLowerCase())
  }

  /** This table and other commands, which win over those of the same name. */
  with(commands: readonly Command[]): CommandTable {
    return new CommandTable([...this], commands)
  }

  get size(): number {
    return this.#commands.size
  }

  [Symbol.iterator](): IterableIterator<Command> {
    return this.#commands.values()
  }
}
