/** An argument of a command. Numbers are written as JavaScript writes them. */
export type RedisArgument = string | Uint8Array | number | bigint
/** The rest of the arguments. */
export type RedisArguments = readonly RedisArgument[]
