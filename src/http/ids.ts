import { z } from 'zod'
import { notFound } from './problems.ts'

const uuid = z.guid()

/** Whether a value has the form of a UUID. */
export function isUuid(value: string): boolean {
  return uuid.safeParse(value).success
}

/** A path parameter that has to be a UUID. @throws Problem `not_found`: nothing has such an address */
export function uuidParameter(value: string | undefined): string {
  if (value === undefined || !isUuid(value)) throw notFound()
  return value.toLowerCase()
}
