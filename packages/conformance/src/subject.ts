import type { AnyInterface } from '@datagram/stream'

/** Where a case opens the implementation. */
export interface Place {
  /** Folder of its own for the case; made and removed by the kit. */
  readonly folder: string
  /** Name of the stream. Two names in one folder are two streams of one store. */
  readonly name: string
  /** Open it as a replica: the same data, and no right to write. */
  readonly readOnly: boolean
  /** Open this interface instead of the subject's own; its API is then what this one opens. */
  readonly definition: AnyInterface | undefined
}

/** An implementation that is open at a place. */
export interface OpenedSubject<Api extends object> {
  readonly api: Api
  /** Closes it and what was opened for it. Idempotent. */
  close(): Promise<void>
}

/**
 * What a case does through the API of the subject. A name is a string that every interface can take as one
 * (letters, digits, `-`), unless the subject lists others; a value is bytes.
 */
export interface SubjectActions<Api extends object> {
  /** Stores a value under a name, as one write; an earlier one is replaced. */
  store(api: Api, name: string, value: Uint8Array): Promise<unknown>
  /** The value under a name, or undefined. */
  load(api: Api, name: string): Promise<Uint8Array | undefined>
  /** Takes a name away. Without it, the cases of removing are left out. */
  remove?(api: Api, name: string): Promise<unknown>
  /** Every name there is. Without it, the cases of listing are left out. */
  list?(api: Api): Promise<readonly string[]>
  /** Stores all or nothing. Without it, the cases of batches are left out. */
  storeAll?(
    api: Api,
    entries: readonly (readonly [name: string, value: Uint8Array])[],
  ): Promise<unknown>
  /** Begins to go over the names. Without it, the cases of iterators are left out. */
  iterate?(api: Api): AsyncIterator<unknown>
}

/** The implementation that is checked. */
export interface Subject<Api extends object> {
  /** Opens it at a place; `openOnStore(definition)` makes one. */
  open(place: Place): Promise<OpenedSubject<Api>>
  /** Its definition. It must open without options. */
  readonly definition: AnyInterface
  readonly actions: SubjectActions<Api>
  /** Names beside plain ones that it must keep apart: empty, blank, odd, in other scripts. Default none. */
  readonly names?: readonly string[] | undefined
  /** Known gaps: case key → why it is not closed yet. */
  readonly gaps?: Readonly<Record<string, string>> | undefined
}
