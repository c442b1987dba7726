import { z } from 'zod'
import { ACTOR_TYPES } from '../access/actor.ts'
import { bomOfCsv, exportParameters } from '../http/exports.ts'
import { endInstant, instant } from '../http/instants.ts'
import { resource, timestamp, uuid } from '../http/operation.ts'
import { cursorByTime, page, pagesInReach, perPage } from '../http/pagination.ts'
import { text } from '../http/validate.ts'
import { TARGET_TYPES } from './audit-event.ts'

const several = text(500).transform(value => value.split(','))

const filters = {
  action: several
    .optional()
    .describe('Acts such as `pass.rotate`, divided by commas; `pass.*` is all on passes'),
  actor_type: z
    .enum(ACTOR_TYPES, `must be one of ${ACTOR_TYPES.join(', ')}`)
    .optional()
    .describe('What kind of actor'),
  actor: text(500).optional().describe('Who acted: the id, or a part of the name in any case'),
  target_type: z
    .enum(TARGET_TYPES, `must be one of ${TARGET_TYPES.join(', ')}`)
    .optional()
    .describe('What kind of thing was acted on'),
  target: text(500).optional().describe('What was acted on: the id, or a part of the name in any case'),
  start_date: instant.optional(),
  end_date: endInstant.optional(),
}

const inOrder = {
  check: ({
    start_date: start,
    end_date: end,
  }: {
    start_date?: Date | undefined
    end_date?: Date | undefined
  }) => !start || !end || start < end,
  fault: { path: ['end_date'], error: 'must lie after start_date' },
}

/** The query of an audit trail. */
export const auditQuery = z
  .strictObject({ ...filters, page, per_page: perPage, cursor: cursorByTime })
  .refine(inOrder.check, inOrder.fault)
  .superRefine(pagesInReach)

/** The query of an export of it. */
export const auditExportQuery = z
  .strictObject({ ...filters, ...exportParameters })
  .refine(inOrder.check, inOrder.fault)
  .refine(bomOfCsv.check, bomOfCsv.fault)
type AuditExportQuery = z.output<typeof auditExportQuery>

/** Which events of a trail are asked for. */
export type AuditFilter = Omit<AuditExportQuery, 'format' | 'bom'>

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
