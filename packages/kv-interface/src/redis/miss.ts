/**
 * Thrown where a command meets something that is not in memory. The command is undone, `load` brings
 * what is missing, and the command runs again from its beginning: so it never waits in its middle.
 */
export class Miss {
  readonly load: () => Promise<void>

  constructor(load: () => Promise<void>) {
    this.load = load
  }
}
