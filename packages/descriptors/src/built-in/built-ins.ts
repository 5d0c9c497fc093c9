import type { Descriptor } from '../descriptor.ts'
import { ContainerDescriptor } from './container-descriptor.ts'
import { Directory } from './directory.ts'
import { Event } from './event.ts'
import { File } from './file.ts'
import { Image } from './image.ts'
import { Json } from './json.ts'
import { KeyValue } from './key-value.ts'
import { Message } from './message.ts'
import { Person } from './person.ts'
import { Place } from './place.ts'
import { StreamDescriptor } from './stream-descriptor.ts'
import { Text } from './text.ts'
import { TimeSeriesPoint } from './time-series-point.ts'
import { Url } from './url.ts'

/** All types that come with this package; `definitions/streams/<name>.json` has each for other languages. */
export const builtIns: readonly Descriptor<unknown, unknown>[] = Object.freeze([
  Text,
  Url,
  File,
  Directory,
  Image,
  Json,
  KeyValue,
  Message,
  Person,
  Place,
  Event,
  TimeSeriesPoint,
  StreamDescriptor,
  ContainerDescriptor,
])
