import { z } from 'zod'
import { resource, timestamp, uuid } from '../http/operation.ts'
import { page, wholeNumber } from '../http/pagination.ts'

/** The query of an audit trail. */
export const auditQuery = z.strictObject({
  page,
  per_page: wholeNumber.pipe(z.int().min(1).max(100)).default(25),
})

const changed = z.record(z.string(), z.unknown()).nullable()

export const auditResource = resource(
  'audit_event',
  z.object({
    action: z.string().meta({ examples: ['pass.rotate'] }),
    actor: z.object({ type: z.string(), id: z.string().nullable(), name: z.string() }),
    target: z.object({ type: z.string(), id: uuid, name: z.string() }),
    clientIp: z.string().nullable(),
    before: changed,
    after: changed,
    createdAt: timestamp,
  }),
).meta({ id: 'AuditEvent' })
export type AuditResource = z.output<typeof auditResource>
