import type { Agreement } from './agreement.ts'
import type { AgreementTable } from './agreement-table.ts'
import type { NegotiationContext } from './negotiation-context.ts'
import type { StreamStatistics } from './stream-traffic.ts'

const SWEEP_MS = 1_000
// How long a read waits for a peer that does not answer.
const OPENING_MS = 10_000
// How long a peer has to give what it has told of: a busy one is slow, one that never gives it costs this much.
const GIVING_MS = 10_000

/**
 * Attaches the logs of the streams that both sides have agreed to. Where the peer can do the same, only
 * while they are needed: when the peer's are longer, when a read waits, or when the peer attaches them.
 * Of all others each side tells how long they have become.
 */
export class Replication {
  readonly #context: NegotiationContext
  readonly #table: AgreementTable
  /** Settles an agreement once more, when something about its logs has ended. */
  readonly #settle: (agreement: Agreement) => void
  readonly #attached = new Set<Agreement>()
  readonly #untold = new Set<Agreement>()
  #sweeper: NodeJS.Timeout | undefined
  #isFrugal = false
  #isClosed = false

  constructor(
    context: NegotiationContext,
    table: AgreementTable,
    settle: (agreement: Agreement) => void,
  ) {
    this.#context = context
    this.#table = table
    this.#settle = settle
  }

  /** Whether the peer, too, attaches logs only while they are needed. */
  get isFrugal(): boolean {
    return this.#isFrugal
  }

  /** The peer can do so. */
  beFrugal(): void {
    this.#isFrugal = true
    const everyMs = Math.min(SWEEP_MS, this.#context.limits.logIdleMs)
    this.#sweeper ??= setInterval(() => this.#sweep(), everyMs).unref()
  }

  /** Attaches or detaches what the agreement asks for; `isShared`: both sides have agreed, with proof. */
  settle(agreement: Agreement, isShared: boolean): void {
    if (!isShared) {
      this.#unshare(agreement)
      if (agreement.isAttached) void this.#detach(agreement)
      return
    }
    // It is settled again when that has ended.
    if (agreement.isDetaching) return
    const isEager = this.#isEager
    if (isEager || agreement.isAttached || agreement.isNeeded) this.#attach(agreement)
    if (isEager) return
    this.#share(agreement)
    this.#tellSoon(agreement)
  }

  /** The stream has grown here. */
  grew(agreement: Agreement): void {
    if (agreement.replicating) this.#tellSoon(agreement)
  }

  /** Whether the peer's logs are on their way to be attached. */
  isComing(agreement: Agreement): boolean {
    const { replicating, isOpening, rests, attachedAtMs } = agreement
    if (!replicating || performance.now() - attachedAtMs > OPENING_MS) return false
    return isOpening || rests
  }

  /** The peer attaches a log that is not attached here. Resolves when it is, or will not be. */
  async logOpening(id: Uint8Array): Promise<void> {
    const agreement = this.#agreementOf(id)
    if (agreement === undefined || this.#isEager) return
    await agreement.detached
    if (!agreement.replicating || agreement.isDetaching || this.#isClosed) return
    agreement.unrefuse(id)
    this.#attach(agreement)
    // Then the log has made its channel.
    await this.#context.opened
  }

  /** A log's channel is open on both sides. */
  logOpened(id: Uint8Array): void {
    const agreement = this.#agreementOf(id)
    if (agreement === undefined || !agreement.isAttached) return
    agreement.opened(id)
    this.#share(agreement)
  }

  /** A log's channel was closed or refused by the peer, which needs it no more. */
  logClosed(id: Uint8Array): void {
    const agreement = this.#agreementOf(id)
    if (agreement === undefined || this.#isClosed || this.#isEager) return
    if (!agreement.isAttached || agreement.isDetaching) return
    // The peer may know of fewer logs of the stream as yet; with the last one the stream is closed.
    if (agreement.refuse(id)) return
    agreement.rests = true
    void this.#detach(agreement)
  }

  /** Who counts what crosses a log's channel. */
  counterOf(id: Uint8Array): Agreement['traffic'] | undefined {
    return this.#agreementOf(id)?.traffic
  }

  /** The peer has told on a log's channel how long the log is there. */
  heardLength(id: Uint8Array, length: number, fork: number): void {
    const agreement = this.#agreementOf(id)
    if (agreement === undefined) return
    agreement.hearLength(id, length)
    const { stream } = agreement
    if (stream === undefined) return
    // Nobody's log is ever cut, so there is no other history than the first.
    if (fork === 0) this.#context.witness.hear(stream, id, length)
    else this.#context.witness.differs(stream, id, length)
  }

  /** What has crossed for each stream. */
  get statistics(): StreamStatistics[] {
    return this.#table.all().map(({ id, replicating, isAttached, traffic }) => {
      const { bytesIn, bytesOut, blocksIn, blocksOut } = traffic
      return { id, attached: replicating, open: isAttached, bytesIn, bytesOut, blocksIn, blocksOut }
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#sweeper)
    for (const agreement of this.#table.all()) this.#unshare(agreement)
    await Promise.all([...this.#attached].map((agreement) => this.#detach(agreement)))
  }

  get #isEager(): boolean {
    return !this.#isFrugal
  }

  #agreementOf(logId: Uint8Array): Agreement | undefined {
    const stream = this.#context.directory.ofLog(logId)
    return stream && this.#table.get(stream.id)
  }

  #share(agreement: Agreement): void {
    if (agreement.replicating) return
    agreement.replicating = true
    this.#context.listener.attached(agreement.id)
  }

  #unshare(agreement: Agreement): void {
    if (!agreement.replicating) return
    agreement.replicating = false
    this.#context.listener.detached(agreement.id)
  }

  #attach(agreement: Agreement): void {
    this.#attached.add(agreement)
    agreement.attach(this.#context.muxer)
  }

  async #detach(agreement: Agreement): Promise<void> {
    this.#attached.delete(agreement)
    try {
      await agreement.detach(this.#context.muxer, this.#context.opened)
    } catch (error) {
      this.#context.logger.warn('a log was not detached cleanly', { error })
    }
    this.#settle(agreement)
  }

  #tellSoon(agreement: Agreement): void {
    if (!this.#isFrugal || agreement.isAttached) return
    if (this.#untold.size === 0) setImmediate(() => this.#tell())
    this.#untold.add(agreement)
  }

  #tell(): void {
    const untold = [...this.#untold]
    this.#untold.clear()
    for (const agreement of untold) {
      if (this.#isClosed || !agreement.replicating || agreement.isAttached) continue
      const lengths = agreement.news
      if (lengths === undefined) continue
      agreement.told = lengths
      this.#context.control.announce({ id: agreement.id, lengths })
    }
  }

  #sweep(): void {
    const now = performance.now()
    const { logIdleMs } = this.#context.limits
    for (const agreement of [...this.#attached]) {
      if (this.#isEager || agreement.isAwaited) continue
      const patienceMs = agreement.isNeeded ? Math.max(logIdleMs, GIVING_MS) : logIdleMs
      if (now - Math.max(agreement.traffic.usedAtMs, agreement.attachedAtMs) < patienceMs) continue
      // Whatever the peer has told of, it does not give it.
      agreement.forgetLengths()
      void this.#detach(agreement)
    }
    for (const agreement of this.#table.all()) {
      if (!agreement.rests) continue
      agreement.rests = false
      this.#settle(agreement)
    }
  }
}
