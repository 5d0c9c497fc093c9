/** Bounds of what a peer may make this side do. Every one has a default; see {@link limitDefaults}. */
export interface MultiplexerLimits {
  /** Connections at one time. */
  readonly connectionsMax: number
  /** Streams that are offered to one peer; what is more stays unsaid, with a warning to the logger. */
  readonly streamsPerPeerMax: number
  /**
   * Streams of one peer that are kept though they are not open here: offers that wait for their key,
   * and offers that were declined and may be accepted later. Over it the oldest goes, declined with
   * the reason `too-many`.
   */
  readonly offersPendingMax: number
  /** As `offersPendingMax`, of a peer that has not proved the root: streams that it asks for. */
  readonly wantsPendingMax: number
  /** Control messages and log channels that a peer may send at once. */
  readonly messagesBurst: number
  /** How many of those are added again each second. */
  readonly messagesPerSecond: number
  /** Bytes of control messages that wait for a peer that does not read. */
  readonly unsentBytesMax: number
  /** Milliseconds until the encryption must be agreed. */
  readonly handshakeTimeoutMs: number
  /** Milliseconds from then until the peer must have said hello. */
  readonly helloTimeoutMs: number
  /** Milliseconds that a policy may take to answer; then its answer is a no. */
  readonly policyTimeoutMs: number
  /** Milliseconds between the signs of life that are sent while nothing else is. */
  readonly keepAliveMs: number
  /** Milliseconds without a message on a stream's logs after which they are detached, while nobody needs them. */
  readonly logIdleMs: number
  /** Milliseconds without a byte of the peer after which the connection counts as dead. */
  readonly silenceMs: number
  /** Bytes a second that go to one peer, over all its connections; `Infinity`: as many as may be. */
  readonly bytesPerSecondOut: number
  /** Bytes a second that are taken from one peer, over all its connections. */
  readonly bytesPerSecondIn: number
  /** Connections of one peer at one time; a further one is closed. */
  readonly connectionsPerPeerMax: number
  /** Blocks that a peer may have asked for and not got yet, over all logs of a connection. */
  readonly requestsPerPeerMax: number
  /** Milliseconds that a peer may take over blocks that it says it has, while it sends nothing else. */
  readonly answerMs: number
}

/** The defaults, and why they are what they are. */
export const limitDefaults: MultiplexerLimits = {
  // As many as a listener of @datagram/network takes.
  connectionsMax: 256,
  // Ten times the largest container that is measured (1,000 streams); its offers are 1.2 MB.
  streamsPerPeerMax: 10_000,
  // All of what an honest peer offers; at most 5 MB of memory.
  offersPendingMax: 10_000,
  // A stranger has come for one stream; some have a few links into the same container.
  wantsPendingMax: 100,
  // For each of 10,000 streams: an offer, an answer, a withdrawal, and two log channels.
  messagesBurst: 50_000,
  // A stream opened, offered and attached every few milliseconds, for ever; costs 1% of a processor.
  messagesPerSecond: 2_000,
  // Four times the offers of 10,000 streams.
  unsentBytesMax: 4 * 1024 * 1024,
  // Three messages of 100 bytes: ten seconds are long on any network that carries data at all.
  handshakeTimeoutMs: 10_000,
  helloTimeoutMs: 10_000,
  // Long enough to ask a person's server, too short for a person.
  policyTimeoutMs: 10_000,
  // Short enough for address translators that forget a connection after half a minute.
  keepAliveMs: 5_000,
  // Attaching a log again costs 300 bytes and a round trip; who reads now and then does not pay it each time.
  logIdleMs: 10_000,
  // Six signs of life missed; a process that is busy for some seconds is not taken for dead.
  silenceMs: 30_000,
  // Nothing but the line limits a peer, unless the user does.
  bytesPerSecondOut: Number.POSITIVE_INFINITY,
  bytesPerSecondIn: Number.POSITIVE_INFINITY,
  // An address, the swarm, and one that is about to be over, twice.
  connectionsPerPeerMax: 8,
  // An honest peer asks for 512 blocks of a log; 128 logs of which that is true at once.
  requestsPerPeerMax: 65_536,
  // As long as silence; twice what the slowest disk takes, behind other work.
  answerMs: 30_000,
}

/** Largest control message, in bytes. The largest of this version, an offer, has 192. */
export const MESSAGE_BYTES_MAX = 1024
/** Bytes of control messages that are gathered into one piece of the encrypted stream. */
export const BATCH_BYTES = 32 * 1024
/**
 * Largest piece of the encrypted stream while its sender has proved no stream: twice what an honest
 * peer gathers. Afterwards the Noise stream's own bound of 16 MiB holds; a block is up to 8 MiB.
 */
export const STRANGER_PIECE_BYTES_MAX = 64 * 1024
/** Largest piece during the handshake; the longest is 96 bytes and its encryption. */
export const HANDSHAKE_PIECE_BYTES_MAX = 1024
/** Pieces of the handshake that a side receives: its messages, and the header of the stream. */
export const HANDSHAKE_PIECES = { initiator: 2, responder: 3 } as const
/** Largest piece that the Noise stream's three bytes of length can say. */
export const PIECE_BYTES_MAX = 0xff_ff_ff
/** Log channels that a peer may have asked for in one piece; 10,000 streams of three logs fit. */
export const CHANNELS_OPENING_MAX = 32_768
/** Channels that a peer may number; twice the former. */
export const CHANNELS_MAX = 65_536

/** The defaults with what was given in their place. Throws a TypeError where one is no positive number. */
export function completeLimits(given: Partial<MultiplexerLimits> = {}): MultiplexerLimits {
  const limits = { ...limitDefaults, ...given }
  for (const [name, value] of Object.entries(limits)) {
    if (typeof value !== 'number' || !(value > 0)) {
      throw new TypeError(`the limit ${name} is a positive number`)
    }
  }
  return limits
}
