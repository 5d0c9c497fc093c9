import {
  type InterfaceStream,
  type ReadOptions,
  readOneMoment,
  type WaitOptions,
} from '@datagram/stream'
import { BlobStore } from './blob-store.ts'
import { collectGarbage, type GcOptions, type GcReport } from './collection.ts'
import { commit } from './commit.ts'
import type { BlobContent } from './content-parts.ts'
import type { DataCarrier } from './data-carrier.ts'
import { DataCarriers } from './data-carriers.ts'
import { exportTree, type ExportTreeOptions } from './export-tree.ts'
import { forget } from './forgetting.ts'
import { fsck, type FsckOptions, type FsckReport } from './fsck.ts'
import { importTree, type ImportTreeOptions } from './import-tree.ts'
import { idOf, idOfContent, type NamedHash, namedHashOf } from './named-hash.ts'
import { checkedDraft, type ObjectDraft } from './object-draft.ts'
import { decodeObject } from './object-record.ts'
import type { ObjectSource, StoredContent } from './object-source.ts'
import { ObjectShelf } from './object-shelf.ts'
import { type ObjectConflict, ObjectView } from './object-view.ts'
import { objectsStats, type ObjectsStats } from './objects-stats.ts'
import { pin, pins, unpin } from './pinning.ts'
import { rebuild } from './projection.ts'
import { pull, type PullOptions, type PullSummary } from './pull.ts'
import { commitFolder, type CommitFolderOptions, render, type RenderOptions } from './rendering.ts'
import type { StoreParts } from './store-parts.ts'
import { StoredContents } from './stored-contents.ts'
import { findObject, type StoredObject } from './stored-object.ts'

/** Options of {@link Objects.putBlob}. */
export interface PutBlobOptions extends WaitOptions {
  /** What the content must be; other content is `BLOB_MISMATCHED`, and nothing is stored. */
  readonly expected?: NamedHash | undefined
}

/** Options of {@link Objects.objects}. */
export interface ObjectsOptions extends WaitOptions {
  /** Type of the current version; default any. */
  readonly type?: string | undefined
}

/**
 * A store of blobs and versioned objects, each under the hash of its content: `dg.objects(name)`. Two stores
 * are brought together by pulling, in any order and as often as one likes.
 *
 * Where a named hash is taken, `NAMED_HASH_MALFORMED` and `HASH_ALGORITHM_UNKNOWN` are thrown. Where something
 * is read, `BLOB_DAMAGED`, when it is not what was stored. What the stream throws passes through.
 */
export class Objects implements ObjectSource {
  readonly #stream: InterfaceStream
  readonly #blobs: BlobStore
  readonly #shelf = new ObjectShelf()
  readonly #contents: StoredContents
  /** Texts, addresses, files and directories as objects of the one type that carries them. */
  readonly carriers: DataCarriers

  constructor(stream: InterfaceStream) {
    this.#stream = stream
    this.#blobs = new BlobStore(stream)
    this.#contents = new StoredContents(stream, this.#blobs, this.#shelf)
    this.carriers = new DataCarriers(this)
  }

  /** Whether this store can be written; a replica only reads. */
  get writable(): boolean {
    return this.#stream.writable
  }

  /**
   * Stores bytes, text, or a stream of any length, once, and gives its named hash. Content of more than 1 MiB
   * is written while it is read; when that fails nothing of it is left.
   *
   * Throws `BLOB_MISMATCHED`, `STREAM_NOT_WRITABLE`, and what the content throws.
   */
  async putBlob(content: BlobContent, options: PutBlobOptions = {}): Promise<NamedHash> {
    const { expected, ...wait } = options
    const id = expected === undefined ? undefined : idOf(expected)
    return namedHashOf(await this.#blobs.put(content, { expected: id, ...wait }))
  }

  /**
   * The content under a named hash, a blob's or an object's, or the part from `start` up to `end`; undefined
   * when it is not here. Of a large blob only the parts are read, and verified, that the bytes lie in.
   */
  async getBlob(namedHash: NamedHash, options?: ReadOptions): Promise<Uint8Array | undefined> {
    return this.#blobs.get(idOf(namedHash), options)
  }

  /** As {@link getBlob}, in pieces of at most 1 MiB, each verified. Throws `BLOB_NOT_FOUND`. */
  async *streamBlob(
    namedHash: NamedHash,
    options?: ReadOptions,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.#blobs.stream(idOf(namedHash), options)
  }

  /** Whether there is content under a named hash; it is not read. */
  async hasBlob(namedHash: NamedHash, wait?: WaitOptions): Promise<boolean> {
    return this.#blobs.has(idOf(namedHash), wait)
  }

  /** Everything in the store: blobs, then objects. */
  async *contents(wait?: WaitOptions): AsyncGenerator<StoredContent, void, undefined> {
    yield* this.#contents.contents(wait)
  }

  /**
   * Makes a new version of an object, or a new object, out of plain JSON. The version gets a mutation id of its
   * own and a time that is later than that of every version it replaces and of every commit before.
   *
   * Throws a TypeError for what is no JSON, `OBJECT_TOO_LARGE` (16 MiB), `STREAM_NOT_WRITABLE`.
   */
  async commit(draft: ObjectDraft, wait?: WaitOptions): Promise<StoredObject> {
    return commit(this.#stream, this.#shelf, checkedDraft(draft), wait)
  }

  /**
   * Stores an object that was made elsewhere, its bytes as they are. Throws `OBJECT_MALFORMED`,
   * `OBJECT_TOO_LARGE`, `STREAM_NOT_WRITABLE`.
   */
  async importObject(json: Uint8Array, wait?: WaitOptions): Promise<StoredObject> {
    const record = decodeObject(json)
    const bytes = new Uint8Array(json)
    const id = idOfContent(bytes)
    await this.#stream.write((tx) => this.#shelf.store(tx, { id, bytes }, record), wait)
    return { namedHash: namedHashOf(id), ...record }
  }

  /** The version under a named hash, or undefined. */
  async getObject(namedHash: NamedHash, wait?: WaitOptions): Promise<StoredObject | undefined> {
    return findObject(this.#stream.index, idOf(namedHash), wait)
  }

  /**
   * The version of an object with the highest time; of those of one time, that with the highest hash.
   * Undefined when there is no such object.
   */
  async current(objectId: string, wait?: WaitOptions): Promise<StoredObject | undefined> {
    return this.#snapshot(wait, (view) => view.current(objectId))
  }

  /** All versions of an object, the newest first, as they are when the first is read. */
  async *versions(
    objectId: string,
    wait?: WaitOptions,
  ): AsyncGenerator<StoredObject, void, undefined> {
    yield* this.#view(wait, (view) => view.versions(objectId))
  }

  /** The current version of each object, of those of a type if one is given. */
  async *objects({
    type,
    ...wait
  }: ObjectsOptions = {}): AsyncGenerator<StoredObject, void, undefined> {
    yield* this.#view(wait, (view) => view.objects(type))
  }

  /**
   * What conflicts: versions of one object that were made without knowledge of one another (each says what it
   * replaces, and none of the others' line), and objects that share a mutation id. A version that names the
   * others as its `previous` settles it.
   */
  async *conflicts(wait?: WaitOptions): AsyncGenerator<ObjectConflict, void, undefined> {
    yield* this.#view(wait, (view) => view.conflicts())
  }

  /**
   * Stores a file, or a directory with all below it, as Aion points and blobs, and gives the named hash of its
   * Aion point: the same for the same tree, whoever imports it. Links below it are kept as names alone.
   *
   * Throws `TREE_NAME_REFUSED`, `TREE_CYCLE`, `TREE_CHANGED` (it changed while it was read: nothing of the
   * file or directory that did is stored) and what the file system throws.
   */
  async importTree(path: string, options?: ImportTreeOptions): Promise<NamedHash> {
    return importTree(this.#blobs, path, options)
  }

  /**
   * Writes the tree of an Aion point into a folder, under its own name, and gives the path that it has then.
   * Nothing outside of the folder is written, and nothing that is there is written over; it appears when it is
   * whole.
   *
   * Throws `BLOB_NOT_FOUND`, `AION_POINT_MALFORMED`, `TREE_NAME_REFUSED`, `TREE_CYCLE`, `TREE_TARGET_EXISTS`,
   * and what the file system throws.
   */
  async exportTree(
    namedHash: NamedHash,
    folder: string,
    options?: ExportTreeOptions,
  ): Promise<string> {
    return exportTree(this.#blobs, namedHash, folder, options)
  }

  /**
   * Shows the current version of a data carrier in a new folder: its text or address as a text file, a file, or a
   * directory with all below it; gives the path of that. With `mode: 'read-write'` a person may edit it, and
   * {@link commitFolder} takes it back.
   *
   * Throws `CARRIER_NOT_FOUND`, `CARRIER_MALFORMED`, `BLOB_NOT_FOUND`, and what the file system throws: `EEXIST`
   * when the folder is there.
   */
  async render(objectId: string, folder: string, options?: RenderOptions): Promise<string> {
    return render({ blobs: this.#blobs, carriers: this.carriers }, objectId, folder, options)
  }

  /**
   * Takes back what a person has made of a rendering: one new version, which replaces the one that was shown, or
   * none (undefined) when nothing was changed. The rendering can be edited on.
   *
   * Throws `RENDERING_READ_ONLY`, `RENDERING_UNKNOWN`, `TREE_CHANGED`, and as {@link importTree} does.
   */
  async commitFolder(
    folder: string,
    options?: CommitFolderOptions,
  ): Promise<DataCarrier | undefined> {
    return commitFolder({ blobs: this.#blobs, carriers: this.carriers }, folder, options)
  }

  /**
   * Brings everything here that another store has and this one lacks; after pulls both ways, two stores have
   * the same. Each thing is verified, and stored by itself: a pull that was cut off goes on where it was.
   *
   * Throws `PULL_INCOMPLETE`, once all else is here, when the source had something that is not what its name
   * says; `details.refused` names it.
   */
  async pull(from: ObjectSource, options?: PullOptions): Promise<PullSummary> {
    return pull(this.#contents, from, options)
  }

  /**
   * Keeps a blob, and what it leads to, from {@link gc}, though no object names it. Throws `BLOB_NOT_FOUND` when
   * it is not here, or not all of it: then nothing is pinned.
   */
  async pin(namedHash: NamedHash, wait?: WaitOptions): Promise<void> {
    await pin(this.#parts, namedHash, wait)
  }

  /** Takes a pin away; false when there was none. */
  async unpin(namedHash: NamedHash, wait?: WaitOptions): Promise<boolean> {
    return unpin(this.#stream, namedHash, wait)
  }

  /** What is pinned. */
  async *pins(wait?: WaitOptions): AsyncGenerator<NamedHash, void, undefined> {
    yield* pins(this.#stream, wait)
  }

  /**
   * Reads everything, or a share of it, hashes it, and looks up what it names: objects every named hash in them
   * but `previous`, Aion points and other JSON blobs those in them. With `repair`, what is wrong is brought back
   * from a store that has it.
   */
  async fsck(options?: FsckOptions): Promise<FsckReport> {
    return fsck(this.#contents, options)
  }

  /**
   * Finds blobs that no version of any object and no pin leads to; with `dryRun: false` removes those that have
   * been so for `graceMs`, 24 hours unless said otherwise. What names what is as in {@link fsck}.
   */
  async gc(options?: GcOptions): Promise<GcReport> {
    return collectGarbage(this.#parts, options)
  }

  /**
   * Forgets versions and blobs for good, here and on every replica, with the blobs that only they led to; gives
   * the named hashes of all that went. No pull brings them back; whoever puts them again has them again. What a
   * forgotten version replaced stays replaced.
   */
  async forget(...namedHashes: readonly NamedHash[]): Promise<readonly NamedHash[]> {
    return forget(this.#parts, namedHashes)
  }

  /** How much there is. It reads every key, and no content. */
  async stats(wait?: WaitOptions): Promise<ObjectsStats> {
    return objectsStats(this.#stream, wait)
  }

  /** Makes what is known of objects again out of the objects alone. */
  async rebuild({ signal }: WaitOptions = {}): Promise<void> {
    await rebuild(this.#stream, signal)
  }

  /** Moves a replica to the newest state of the connected peers; true when it moved. */
  async update(options?: WaitOptions): Promise<boolean> {
    return this.#stream.update(options)
  }

  get #parts(): StoreParts {
    return { stream: this.#stream, blobs: this.#blobs, shelf: this.#shelf }
  }

  #snapshot<T>(wait: WaitOptions | undefined, read: (view: ObjectView) => Promise<T>): Promise<T> {
    return readOneMoment(this.#stream, (snapshot) => read(new ObjectView(snapshot, wait)))
  }

  async *#view<T>(
    wait: WaitOptions | undefined,
    read: (view: ObjectView) => AsyncGenerator<T, void, undefined>,
  ): AsyncGenerator<T, void, undefined> {
    using snapshot = this.#stream.snapshot()
    yield* read(new ObjectView(snapshot, wait))
  }
}
