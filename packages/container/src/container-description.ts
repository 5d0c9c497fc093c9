import { ContainerDescriptor, type StreamDescriptor } from '@datagram/descriptors'
import type { WaitOptions } from '@datagram/log-core'
import type { Container } from './container.ts'

/** A container as `ContainerDescriptor` describes it: what can be added to a stream, or written as JSON. */
export type ContainerDescription = ReturnType<typeof ContainerDescriptor.create>

/** Options of {@link describedContainer}. */
export interface DescribeOptions extends WaitOptions {
  /** What people call it. */
  readonly title: string
  /** Whose it is; default: not said. */
  readonly author?: string | undefined
  /**
   * Whether the links are said, of the whole and of each stream: whoever has them can read it all. Default
   * false.
   */
  readonly links?: boolean | undefined
}

/** What a container holds, as one object that any program can read. */
export async function describedContainer(
  container: Pick<Container, 'list' | 'share'>,
  { title, author, links = false, ...wait }: DescribeOptions,
): Promise<ContainerDescription> {
  const hasPart: Parameters<typeof StreamDescriptor.create>[0][] = []
  for await (const { name, type, title: shown, labels, bytes } of container.list(wait)) {
    hasPart.push({
      type,
      title: shown === '' ? name : shown,
      author,
      indexer: links ? await container.share(name) : undefined,
      keywords: labels.length === 0 ? undefined : labels,
      contentSize: bytes,
    })
  }
  const url = links ? await container.share(undefined) : undefined
  return ContainerDescriptor.create({ title, author, url, hasPart })
}
