import type { DataCarrier, Datagram, Objects } from 'datagram'

/** A note as lists show it. */
export interface Note {
  readonly objectId: string
  readonly title: string
  readonly text: string
  readonly version: DataCarrier
}

/** The notes of one person: data carriers with a text, in a stream of their own. */
export class Notebook {
  readonly datagram: Datagram
  readonly objects: Objects

  private constructor(datagram: Datagram, objects: Objects) {
    this.datagram = datagram
    this.objects = objects
  }

  static async open(datagram: Datagram): Promise<Notebook> {
    return new Notebook(datagram, await datagram.objects('notes'))
  }

  /** Every note as it is now, the newest first. */
  async notes(): Promise<Note[]> {
    const notes: Note[] = []
    for await (const version of this.objects.carriers.list({ payloadType: 'Text' })) {
      notes.push(await this.noteOf(version))
    }
    return notes.sort((a, b) => b.version.timeVersion - a.version.timeVersion)
  }

  async noteOf(version: DataCarrier): Promise<Note> {
    const payload = await this.objects.carriers.read(version)
    const text = payload.type === 'Text' ? payload.text : ''
    const [title = ''] = text.split('\n')
    return { objectId: version.objectId, title: title || '(empty)', text, version }
  }
}

/** When a version was made, for people. */
export function timeOf({ timeVersion }: DataCarrier): string {
  return new Date(timeVersion * 1000).toISOString().slice(0, 19).replace('T', ' ')
}
