/**
 * What is true of a command: as COMMAND tells it, and how it is run. `transaction`: carried out, not
 * queued, inside MULTI. `subscribed`: allowed to a RESP2 client that subscribes. `unqueued`: refused
 * inside MULTI.
 */
export type CommandFlag =
  | 'write'
  | 'readonly'
  | 'denyoom'
  | 'admin'
  | 'pubsub'
  | 'blocking'
  | 'fast'
  | 'movablekeys'
  | 'loading'
  | 'stale'
  | 'no_auth'
  | 'noscript'
  | 'transaction'
  | 'subscribed'
  | 'unqueued'
